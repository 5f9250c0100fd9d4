package io.residuum.emit.mxnet;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.model.BlockCase;
import io.residuum.model.BlockCases;
import io.residuum.model.Network;
import io.residuum.testing.Engines;
import io.residuum.testing.Graphs;
import io.residuum.testing.Nets;
import io.residuum.testing.Seeds;
import io.residuum.testing.Tensors;
import java.util.List;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every layer computes as a symbol what it computes by itself. */
@ExtendWith(Seeds.class)
class MxnetBlocksTest {

    static List<BlockCase> cases() {
        return BlockCases.all();
    }

    private static NDList input(NDManager manager, BlockCase c, long batch) {
        Shape shape = new Shape(batch).addAll(c.input().slice(1));
        return new NDList(Tensors.random(manager, Seeds.SEED + batch, shape.getShape()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void evaluatesTheSame(BlockCase c) {
        Backend backend = Engines.backend(EngineChoice.MXNET);
        try (Network network = Nets.shaken(c.spec(), backend, DataType.FLOAT32);
                NDManager manager = backend.newManager()) {
            List<NDList> batches = List.of(input(manager, c, 1), input(manager, c, 3));
            Graphs.assertSameOutputs(new MxnetTarget(true), network, batches);
            Graphs.assertSameOutputs(new MxnetTarget(false), network, batches);
        }
    }

    /** Without what draws in the engine, and what computes other shapes in every step. */
    static List<BlockCase> repeatable() {
        return cases().stream()
                .filter(c -> !c.engineDraws() && !c.layer().toString().contains("KEPT_SAMPLES"))
                .toList();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("repeatable")
    void trainsTheSame(BlockCase c) {
        Backend backend = Engines.backend(EngineChoice.MXNET);
        try (Network network = Nets.shaken(c.spec(), backend, DataType.FLOAT32);
                NDManager manager = backend.newManager()) {
            List<NDList> batches = List.of(input(manager, c, 3), input(manager, c, 2));
            Graphs.assertSameTraining(new MxnetTarget(), network, batches);
        }
    }
}

package io.residuum.transformer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.emit.mxnet.MxnetTarget;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.testing.Engines;
import io.residuum.testing.Graphs;
import io.residuum.testing.Nets;
import io.residuum.testing.Seeds;
import io.residuum.transformer.branch.Attention;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Transformers compute as MXNet symbols what they compute layer by layer. */
@ExtendWith(Seeds.class)
class MxnetTransformersTest {

    static Set<String> names() {
        return Cases.ALL.keySet();
    }

    @ParameterizedTest
    @MethodSource("names")
    void evaluatesAndTrainsTheSame(String name) {
        check(name, false);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bert 'heads': 2, 'dropout': 0",
                "encoderDecoder 'heads': 2, 'dropout': 0, 'mlpWidth': 12"
            })
    void hidesWhatAMaskHides(String name) {
        check(name, true);
    }

    private static void check(String name, boolean masked) {
        ModelSpec spec = Cases.ALL.get(name);
        Backend backend = Engines.backend(EngineChoice.MXNET);
        try (Network network = Nets.shaken(spec, backend, DataType.FLOAT32);
                NDManager manager = backend.newManager()) {
            List<NDList> batches = new ArrayList<>();
            for (int batch : new int[] {1, 3}) {
                NDList inputs = Cases.inputs(manager, spec, DataType.FLOAT32, batch);
                if (masked) {
                    inputs.add(mask(manager, inputs.head().getShape()));
                }
                batches.add(inputs);
            }
            Graphs.assertSameOutputs(new MxnetTarget(true), network, batches);
            Graphs.assertSameOutputs(new MxnetTarget(false), network, batches);
            Graphs.assertSameTraining(new MxnetTarget(), network, batches);
        }
    }

    /** Each sequence ends earlier than the one before. */
    private static NDArray mask(NDManager manager, Shape shape) {
        int length = (int) shape.get(1);
        float[] open = new float[(int) shape.size()];
        IntStream.range(0, open.length)
                .forEach(i -> open[i] = i % length < length - i / length ? 1 : 0);
        NDArray mask = manager.create(open, shape);
        mask.setName(Attention.MASK);
        return mask;
    }
}

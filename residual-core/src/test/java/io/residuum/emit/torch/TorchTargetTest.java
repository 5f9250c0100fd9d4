package io.residuum.emit.torch;

import static io.residuum.testing.Tensors.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
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
import io.residuum.testing.Nets;
import io.residuum.testing.Seeds;
import io.residuum.testing.Tensors;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every layer, compiled by PyTorch, is the layer. */
@ExtendWith(Seeds.class)
class TorchTargetTest {

    static List<BlockCase> cases() {
        return BlockCases.all();
    }

    /** Drop-path by kept samples computes other shapes in each step. */
    static List<BlockCase> trained() {
        return BlockCases.all().stream()
                .filter(c -> !c.layer().toString().contains("KEPT_SAMPLES"))
                .toList();
    }

    private static Network shaken(BlockCase c, Backend backend) {
        return Nets.shaken(c.spec(), backend, DataType.FLOAT32);
    }

    private static NDArray input(NDManager manager, Shape shape, long batch) {
        long[] dims = shape.getShape().clone();
        dims[0] = batch;
        return Tensors.random(manager, Seeds.SEED + batch, dims);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void evaluatesAnyBatchByOneProgram(BlockCase c) {
        Backend backend = Engines.backend(EngineChoice.PYTORCH);
        try (Network network = shaken(c, backend);
                NDManager manager = backend.newManager();
                TorchRuns runs =
                        TorchRuns.staged(
                                network,
                                List.of(TorchRuns.data(c.input(), DataType.FLOAT32)),
                                UnaryOperator.identity())) {
            for (long batch : new long[] {1, 3, 2}) {
                NDArray x = input(manager, c.input(), batch);
                NDArray expected = network.predict(new NDList(x));
                NDArray actual = runs.run(new NDList(x));
                assertEquals(expected.getShape(), actual.getShape());
                assertEquals(manager, actual.getManager());
                assertClose(
                        Tensors.values(expected), Tensors.values(actual), 1e-5, "batch " + batch);
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("trained")
    void trainsAsTheNetworkDoes(BlockCase c) {
        Backend backend = Engines.backend(EngineChoice.PYTORCH);
        try (Network network = shaken(c, backend);
                Network copy = shaken(c, backend);
                NDManager manager = backend.newManager();
                TorchRuns plain = runs(network, c);
                TorchRuns compiled = runs(copy, c)) {
            // A norm inside a dropped branch sees the batch nevertheless.
            boolean other = c.layer().toString().contains("BATCH");
            for (long batch : new long[] {3, 6}) {
                NDList x = new NDList(input(manager, c.input(), batch));
                Map<String, double[]> expected = plain.trained(x, false);
                Map<String, double[]> actual = compiled.trained(x, true);
                assertEquals(expected.keySet(), actual.keySet());
                expected.forEach(
                        (what, values) -> {
                            if (!other || !what.contains("running")) {
                                assertClose(
                                        values, actual.get(what), 1e-4, what + ", batch " + batch);
                            }
                        });
                assertTrue(actual.containsKey("gradient of the input"));
            }
        }
    }

    private static TorchRuns runs(Network network, BlockCase c) {
        return TorchRuns.of(
                network,
                List.of(TorchRuns.data(c.input(), DataType.FLOAT32)),
                true,
                UnaryOperator.identity());
    }
}

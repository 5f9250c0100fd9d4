package io.residuum.emit.torch;

import static io.residuum.testing.Tensors.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.engine.Ops;
import io.residuum.graph.Graph;
import io.residuum.graph.Program;
import io.residuum.graph.trace.Capture;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.testing.Engines;
import io.residuum.testing.Seeds;
import io.residuum.testing.Tensors;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Slices that are taken at once, and those that are not. */
class SplitsTest {

    /** Multiplies the parts of its input. */
    private static final class Parts extends Layer {
        private final List<String> parts;

        Parts(String... parts) {
            super(new Shape(-1, 6));
            this.parts = List.of(parts);
        }

        @Override
        protected NDArray compute(ForwardPass pass, NDArray x) {
            return parts.stream().map(x::get).reduce(NDArray::mul).orElseThrow();
        }

        @Override
        public Shape outputShape(Shape in) {
            return new Shape(in.get(0), 2);
        }
    }

    private static Graph graph(String... parts) {
        Layer layer = new Parts(parts);
        var data = new Capture.Source(Capture.DATA, layer.inputShape(), DataType.FLOAT32);
        return Capture.of(layer, List.of(data), true);
    }

    private static boolean splits(Graph graph) {
        return TorchCode.forward(graph, "device", node -> "held", Fusion.NONE)
                .contains("split_with_sizes");
    }

    @Test
    void partsThatAreTheWholeAreTakenAtOnce() {
        assertEquals(true, splits(graph(":, 2:4", ":, 0:2", ":, 4:6")));
        assertEquals(false, splits(graph(":, 0:2", ":, 2:4")), "two are left over");
        assertEquals(false, splits(graph(":, 0:2", ":, 2:4", ":, 3:5", ":, 4:6")), "overlap");
        assertEquals(false, splits(graph(":, 0:4:2", ":, 4:6")), "every second");
    }

    @Test
    void theirGradientsAreThoseOfSlices() {
        Backend backend = Engines.backend(EngineChoice.PYTORCH);
        Graph graph = graph(":, 2:4", ":, 0:2", ":, 4:6");
        try (NDManager manager = backend.newManager();
                Program program = new TorchTarget().program(graph, Map.of(), List.of(), manager)) {
            NDArray x = Tensors.random(manager, Seeds.SEED, 3, 6);
            double[] values = Tensors.values(x);
            x.setRequiresGradient(true);
            NDArray y;
            try (GradientCollector collector = backend.newGradientCollector()) {
                y = program.run(new NDList(x)).head();
                collector.backward(y.sum());
            }
            double[] product = new double[6];
            double[] gradient = new double[18];
            for (int row = 0; row < 3; row++) {
                for (int i = 0; i < 6; i++) {
                    double others = values[row * 6 + (i + 2) % 6] * values[row * 6 + (i + 4) % 6];
                    gradient[row * 6 + i] = others;
                    product[row * 2 + i % 2] = others * values[row * 6 + i];
                }
            }
            try (Ops.Pause pause = backend.ops().pauseRecording()) {
                assertClose(product, Tensors.values(y), 1e-6, "values");
                assertClose(gradient, Tensors.values(x.getGradient()), 1e-6, "gradient");
            }
        }
    }
}

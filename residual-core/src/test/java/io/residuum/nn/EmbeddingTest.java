package io.residuum.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.spec.InputSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.layers.Embedding;
import io.residuum.spec.layers.InitSpec;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.testing.Tensors;
import java.util.Arrays;

class EmbeddingTest {
    private static final ModelSpec SPEC =
            new ModelSpec(
                    "tokens",
                    new InputSpec.Tokens(4, 5),
                    new Embedding("", 5, 3, new InitSpec.Normal(1)));

    @EachEngine
    void looksUpRowsAndCountsTheirUses(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        for (DataType type : new DataType[] {DataType.FLOAT32, DataType.FLOAT64}) {
            try (Network network = Network.create(SPEC, backend, 1, type);
                    NDManager manager = backend.newManager()) {
                NDArray table = network.parameters().get("weight").getArray();
                double[] rows = Tensors.values(table);
                NDArray ids = manager.create(new long[] {4, 0, 4}, new Shape(1, 3));
                try (GradientCollector collector = backend.newGradientCollector()) {
                    NDArray y = network.forward(new NDList(ids), true);
                    double[] expected = new double[9];
                    Arrays.setAll(expected, i -> rows[(i / 3 == 1 ? 0 : 12) + i % 3]);
                    assertArrayEquals(expected, Tensors.values(y));
                    collector.backward(y.sum());
                }
                double[] uses = {1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 2};
                try (NDArray gradient = table.getGradient()) {
                    assertArrayEquals(uses, Tensors.values(gradient));
                }
            }
        }
    }
}

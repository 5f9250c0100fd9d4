package io.residuum.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.EngineChoice;
import io.residuum.engine.Values;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.train.Recipe;
import io.residuum.train.TrainingStep;
import java.nio.file.Path;
import java.util.List;

/** All states and all vectors of matrices of nGPT are on the unit sphere. */
class NgptTest {
    private static final Path RECIPE = Path.of("recipes/ngpt.json");

    private static void requireUnitRows(NDArray array, int width) {
        float[] all = Values.floats(array);
        for (int row = 0; row < all.length / width; row++) {
            double square = 0;
            for (int i = 0; i < width; i++) {
                square += (double) all[row * width + i] * all[row * width + i];
            }
            assertEquals(1, square, 1e-4);
        }
    }

    @EachEngine
    void statesAndMatricesHaveUnitNorm(EngineChoice engine) {
        Recipe recipe = SpecJson.standard().read(RECIPE, Recipe.class);
        try (Network network =
                        Network.create(
                                ModelSource.of("specs/ngpt.json").spec(),
                                Engines.backend(engine),
                                1);
                TrainingStep training = new TrainingStep(network, recipe);
                NDManager manager = network.backend().newManager()) {
            NDArray ids = manager.create(new long[] {1, 7, 33, 64, 0, 5}, new Shape(2, 3));
            List<String> units = List.of("embedding", "blocks.0.attention", "blocks.7.mlp");
            network.features(new NDList(ids), units)
                    .values()
                    .forEach(state -> requireUnitRows(state, 64));
            network.parameters().entrySet().stream()
                    .filter(e -> e.getValue().getArray().getShape().dimension() == 2)
                    .forEach(
                            e -> {
                                NDArray matrix = e.getValue().getArray();
                                boolean columns = e.getKey().matches(".*(output|down).weight");
                                NDArray rows = columns ? matrix.transpose() : matrix;
                                requireUnitRows(rows, 64);
                            });
        }
    }
}

package io.residuum.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.engine.Backend;
import io.residuum.model.Network;
import io.residuum.nn.DropPath.Mode;
import io.residuum.nn.DropPath.Rescale;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.StochasticDepth;
import io.residuum.spec.StochasticDepth.Schedule;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.Recipe;
import io.residuum.train.Trainer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The examples, for a step. */
class ExamplesTest {

    @Test
    void customArchitectureTrains(@TempDir Path folder) {
        ModelSpec spec = CustomArchitecture.spec();
        SpecJson json = SpecJson.standard();
        assertEquals(spec, json.parse(json.write(spec), "custom", ModelSpec.class));
        Recipe recipe = Recipe.builder().epochs(1).batch(32).learningRate(0.05).build();
        Trainer.Result result =
                CustomArchitecture.train(
                        spec, "digits:train=32,test=20", recipe, folder.resolve("run"));
        assertEquals(Trainer.Outcome.FINISHED, result.outcome());
        try (Backend backend = Backend.open();
                Network trained = Network.load(folder.resolve("run/model.safetensors"), backend)) {
            assertEquals(48, trained.parameters().get("shrink.branch.weight").getShape().get(0));
            float scale =
                    trained.parameters().get("rezero.0.scale.gamma").getArray().toFloatArray()[0];
            assertTrue(scale != 0, "the first step must move the factor of a ReZero unit");
        }
    }

    @ParameterizedTest
    @EnumSource
    void stochasticDepthIsTimed(Mode mode) {
        StochasticDepth half = new StochasticDepth(0.5, Schedule.LINEAR, mode, Rescale.TRAINING);
        try (Backend backend = Backend.open()) {
            assertTrue(StochasticDepthSavings.millis(backend, 8, half, 4, 1) > 0);
        }
    }
}

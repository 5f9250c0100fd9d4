package io.residuum.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.optim.EmaSpec;
import io.residuum.optim.LearningRateFactor;
import io.residuum.optim.OptimizerSpec;
import io.residuum.optim.ScheduleSpec;
import io.residuum.spec.Default;
import io.residuum.spec.SpecException;
import io.residuum.spec.TypeName;
import io.residuum.spec.json.SpecJson;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecipeTest {
    /** Transforms of a module of samples, which the core does not know. */
    @TypeName("shift")
    private record Shift(@Default("1") int by) implements Transform {}

    @TypeName("blend")
    private record Blend(@Default("0.5") double share) implements BatchTransform {}

    private static final SpecJson JSON = new SpecJson(List.of(Shift.class, Blend.class));

    private static final Recipe FULL =
            Recipe.builder()
                    .epochs(200)
                    .batch(64)
                    .accumulate(2)
                    .optimizer(new OptimizerSpec.AdamW(0.9, 0.95, 1e-6, 0.1))
                    .learningRate(1e-3)
                    .schedule(new ScheduleSpec.Step(List.of(0.5, 150.0), 0.2))
                    .warmupEpochs(5)
                    .decayNormsAndBiases(true)
                    .noDecay(List.of("head.*"))
                    .labelSmoothing(0.1)
                    .clipNorm(1.0)
                    .ema(new EmaSpec(0.9999, false))
                    .augmentation(List.of(new Shift(3)))
                    .mixing(List.of(new Blend(0.5)))
                    .freeze(List.of("stem.*"))
                    .layerDecay(0.75)
                    .rates(List.of(new LearningRateFactor("head.*", 10)))
                    .seed(42)
                    .build();

    @Test
    void nothingIsARecipe() {
        assertEquals("{}", JSON.compact(JSON.parse("{}", "test", Recipe.class)));
    }

    @Test
    void roundTrips() {
        assertEquals(FULL, JSON.parse(JSON.write(FULL), "test", Recipe.class));
        assertEquals(FULL, JSON.parse(JSON.writeAll(FULL), "test", Recipe.class));
        assertEquals(FULL, FULL.with().build());
    }

    @Test
    void transformsWithoutSettingsNeedTheirTypeAlone() {
        String text =
                "{\"augmentation\":[\"shift\",{\"type\":\"shift\",\"by\":2}],\"mixing\":[\"blend\"]}";
        Recipe recipe = JSON.parse(text, "test", Recipe.class);
        assertEquals(List.of(new Shift(1), new Shift(2)), recipe.augmentation());
        assertEquals(List.of(new Blend(0.5)), recipe.mixing());
        assertEquals(text, JSON.compact(recipe));
    }

    @Test
    void averagesMayBeANumber() {
        assertEquals(EmaSpec.of(0.99), JSON.parse("{\"ema\": 0.99}", "test", Recipe.class).ema());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    {"epochs": 0}                                    | $.epochs: epochs must be positive, got 0
                    {"learningRate": 0}                              | $.learningRate: learningRate must be positive
                    {"epochs": 3, "warmupEpochs": 3}                 | warmupEpochs must be in [0, 3)
                    {"labelSmoothing": 1}                            | labelSmoothing must be in [0, 1)
                    {"clipNorm": -1}                                 | clipNorm must be positive
                    {"ema": 1}                                       | decay must be in [0, 1)
                    {"optimizer": "adagrad"}                            | unknown type "adagrad"
                    {"optimizer": {"type": "sgd", "nesterov": true, "momentum": 0}} | nesterov needs a momentum
                    {"schedule": {"type": "step", "milestones": [0.7, 0.5]}} | milestones must be positive and ascending
                    {"augmentation": ["shfit"]}                      | test:1: $.augmentation[0]: unknown type "shfit", did you mean "shift"? (accepted: shift)
                    {"augmentation": ["blend"]}                      | unknown type "blend" (accepted: shift)
                    {"mixing": [{"type": "shift"}]}                  | $.mixing[0].type: unknown type "shift" (accepted: blend)
                    {"layerDecay": 0}                                | layerDecay must be in (0, 1], got 0
                    {"layerDecay": 1.01}                             | layerDecay must be in (0, 1], got 1.01
                    {"rates": [{"pattern": "*.bias", "factor": 0}]}  | factor must be positive, got 0.0; to train none of them, freeze
                    {"learning_rate": 1}                             | unknown key "learning_rate"
                    """)
    void mistakesAreNamed(String json, String message) {
        SpecException e =
                assertThrows(SpecException.class, () -> JSON.parse(json, "test", Recipe.class));
        assertTrue(String.valueOf(e.getMessage()).contains(message), e.getMessage());
    }

    @Test
    @SuppressWarnings("NullAway") // callers without a check of nulls
    void whatWouldDoNothingOrFailLaterIsRefused() {
        SpecException none =
                assertThrows(SpecException.class, () -> Recipe.builder().optimizer(null).build());
        assertEquals("optimizer must not be null: leave it out for the default", none.getMessage());
        SpecException alone = assertThrows(SpecException.class, () -> FULL.withBatch(1));
        assertEquals(
                "mixing needs a batch of 2 or more, got batch 1: use a larger one, or remove"
                        + " mixing",
                alone.getMessage());
    }

    @Test
    void anEpochHasAtMostAnIntOfPasses() {
        SpecException e =
                assertThrows(
                        SpecException.class,
                        () -> Recipe.builder().stepsPerEpoch(1 << 16).accumulate(1 << 16).build());
        assertEquals(
                "stepsPerEpoch must be at most 32767 with accumulate 65536, got 65536",
                e.getMessage());
    }

    @Test
    void theLargestNumbersOfStepsDoNotOverflow() {
        int most = Integer.MAX_VALUE;
        Recipe recipe = Recipe.builder().steps(most).accumulate(most).build();
        assertEquals(most / 6 + 1, recipe.withEpochsOfSteps(6).epochs());
        assertEquals(1, EpochLoop.steps(6, recipe));
    }

    @Test
    void warmupRisesToTheFullRate() {
        Recipe recipe = Recipe.builder().epochs(10).learningRate(1).warmupEpochs(2).build();
        double update = 0.25;
        assertEquals(0.125, recipe.learningRateAt(0, update), 1e-12);
        assertEquals(1, recipe.learningRateAt(1.75, update), 1e-12);
        assertEquals(1, recipe.learningRateAt(2, update), 1e-12);
        assertEquals(0.5, recipe.learningRateAt(6, update), 1e-12);
        assertEquals(0, recipe.learningRateAt(10, update), 1e-12);
    }

    @Test
    void milestonesAreSharesOrEpochs() {
        ScheduleSpec step = new ScheduleSpec.Step(List.of(0.5, 150.0), 0.1);
        assertEquals(1, step.factor(99.99, 0, 200), 1e-12);
        assertEquals(0.1, step.factor(100, 0, 200), 1e-12);
        assertEquals(0.01, step.factor(150, 0, 200), 1e-12);
        assertTrue(step.dependsOnEpochs());
        assertEquals(false, new ScheduleSpec.Step(List.of(1.0, 2.0), 0.1).dependsOnEpochs());
    }

    @Test
    void averageForgetsItsStartSoon() {
        assertEquals(2.0 / 11, EmaSpec.of(0.999).decayAt(1), 1e-12);
        assertEquals(0.999, EmaSpec.of(0.999).decayAt(1_000_000), 1e-12);
        assertEquals(0.999, new EmaSpec(0.999, false).decayAt(1), 1e-12);
    }
}

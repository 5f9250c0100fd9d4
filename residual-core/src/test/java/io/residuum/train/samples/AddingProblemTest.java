package io.residuum.train.samples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.Shape;
import io.residuum.data.DataException;
import io.residuum.engine.EngineChoice;
import io.residuum.metric.Measure;
import io.residuum.model.Network;
import io.residuum.optim.OptimizerSpec;
import io.residuum.recurrent.Lstm;
import io.residuum.recurrent.Output;
import io.residuum.spec.InputSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.json.Defaults;
import io.residuum.spec.layers.Linear;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.train.ProgressListener;
import io.residuum.train.Recipe;
import io.residuum.train.Trainer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddingProblemTest {
    private static final double BASELINE = Math.sqrt(1 / 6.0);

    @TempDir private Path temp;

    private static float[] values(Sample sample) {
        return ((Tensor.Numbers) sample.inputs().get("input")).values();
    }

    private static float target(Sample sample) {
        return ((Tensor.Numbers) sample.targets().get("output")).values()[0];
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 7, 100})
    void theTargetIsTheSumOfTheMarkedNumbers(int length) {
        SampleSplits data = AddingProblem.parse(length + ",train=300").forTraining(0.1);
        Samples train = (Samples) data.train();
        assertEquals(300, train.size());
        assertEquals(30, data.validation().orElseThrow().size(), "generated, not held out");
        assertEquals(10_000, data.test().orElseThrow().size());
        for (int i = 0; i < train.size(); i++) {
            Sample sample = train.get(i);
            assertEquals(new Shape(length, 2), sample.inputs().get("input").shape());
            float[] values = values(sample);
            float[] halves = new float[2];
            float sum = 0;
            for (int t = 0; t < length; t++) {
                float mark = values[2 * t + 1];
                assertTrue(mark == 0 || mark == 1, "mark " + mark);
                assertTrue(values[2 * t] >= 0 && values[2 * t] < 1, "number " + values[2 * t]);
                halves[t < length / 2 ? 0 : 1] += mark;
                sum += mark * values[2 * t];
            }
            assertArrayEquals(new float[] {1, 1}, halves);
            assertEquals(sum, target(sample));
        }
    }

    @Test
    void aConstantAnswerHasTheBaselineError() {
        Samples train = (Samples) new AddingProblem(20).forTraining(0).train();
        double error = 0;
        int count = 20_000;
        for (int i = 0; i < count; i++) {
            error += Math.pow(target(train.get(i)) - 1, 2) / count;
        }
        assertEquals(1 / 6.0, error, 0.005);
    }

    @Test
    void sequencesDependOnSeedPartAndIndex() {
        SampleSplits data = new AddingProblem(9).forTraining(0.5);
        float[] first = values(((Samples) data.train()).get(3));
        assertArrayEquals(first, values(((Samples) data.train()).get(3)));
        Samples validation = data.validation().orElseThrow();
        Samples test = data.test().orElseThrow();
        Samples other = (Samples) AddingProblem.parse("9,seed=2,test=8").forTraining(0).train();
        for (Sample sample :
                List.of(
                        ((Samples) data.train()).get(4),
                        validation.get(3),
                        test.get(3),
                        other.get(3))) {
            assertFalse(Arrays.equals(first, values(sample)));
        }
        Samples evaluation = (Samples) new AddingProblem(9).forEvaluation().train();
        assertArrayEquals(values(test.get(3)), values(evaluation.get(3)));
    }

    @EachEngine
    void anLstmLearnsIt(EngineChoice engine) {
        ModelSpec spec =
                new ModelSpec(
                        "adding",
                        new InputSpec.Features(List.of(4, 2)),
                        new Sequential(
                                "",
                                Lstm.builder("recurrent", 16).output(Output.LAST).build(),
                                new Linear("head", 1)));
        Recipe recipe =
                Recipe.builder()
                        .steps(200)
                        .batch(32)
                        .optimizer(Defaults.of(OptimizerSpec.Adam.class))
                        .learningRate(0.03)
                        .clipNorm(1.0)
                        .compile(true)
                        .validation(0)
                        .build();
        SampleTask task =
                SampleTask.on(AddingProblem.parse("4,train=6400,test=500").forTraining(0));
        Map<String, Double> found;
        try (Network network = Network.create(spec, Engines.backend(engine), 1)) {
            new Trainer(network, recipe, task, temp.resolve("run"), ProgressListener.NONE).start();
            found =
                    task.evaluate(network, 100).measures().stream()
                            .collect(Collectors.toMap(Measure::name, Measure::value));
        }
        assertTrue(found.getOrDefault("RMSE", 1.0) < 0.7 * BASELINE, found::toString);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | adding must begin with the length of the sequences, as in adding:100 or"
                        + " adding:100,train=100000, got 'adding:'",
                "train=5 | got 'adding:train=5'",
                "1 | must have 2 positions or more, got 1",
                "9,train=0 | at least 1 sample to train on and 1 to test on, got"
                        + " train=0,test=10000",
                "9, | settings must be as in adding:9,train=100000,test=10000,seed=1, each at most"
                        + " once, got ''",
                "9,seed=1,seed=2 | got 'seed=2'"
            })
    void errorsNameTheForm(String text, String message) {
        String found =
                assertThrows(DataException.class, () -> AddingProblem.parse(text)).getMessage();
        assertTrue(found.contains(message), found);
    }
}

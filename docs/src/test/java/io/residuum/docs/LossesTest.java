package io.residuum.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Backend;
import io.residuum.engine.DeviceChoice;
import io.residuum.engine.EngineChoice;
import io.residuum.engine.Ops;
import io.residuum.engine.Values;
import io.residuum.loss.Loss;
import io.residuum.loss.LossSpec;
import io.residuum.loss.Target;
import io.residuum.model.Network;
import io.residuum.spec.Default;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.TypeName;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.Recipe;
import io.residuum.train.StepResult;
import io.residuum.train.TrainingBatch;
import io.residuum.train.TrainingStep;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The listings about losses in the guide "Training". */
class LossesTest {
    private static final int SAMPLES = 16;
    private static final int CLASSES = 3;

    private static final String NETWORK =
            """
            {"format": "residuum/1", "name": "small", "input": {"type": "features", "shape": [4]},
             "network": [{"type": "linear", "name": "body", "units": 16}, {"type": "activation"},
                         {"type": "linear", "name": "head", "units": 3}]}
            """;

    // tag::record
    /** The Poisson loss of the logarithm of a rate: exp(y) - t y, a mean over all numbers. */
    @TypeName("poisson")
    public record Poisson(@Default("1.0") double weight) implements LossSpec {
        @Override
        public Loss of(Target target, Shape output, DataType type) {
            Target.Numbers counts = (Target.Numbers) target;
            return new Loss() {
                @Override
                public double count() {
                    return output.size();
                }

                @Override
                public NDArray sum(NDArray y) {
                    NDArray t = Values.create(y.getManager(), counts.values(), output, type);
                    return y.exp().sub(t.mul(y)).sum().reshape(1);
                }
            };
        }
    }

    // end::record

    private record Data(Target target) implements TrainingBatch {
        @Override
        public int samples() {
            return SAMPLES;
        }

        @Override
        public NDList inputs(NDManager manager, DataType type) {
            double[] x = new SplittableRandom(1).doubles(SAMPLES * 4L, -1, 1).toArray();
            return new NDList(Values.create(manager, x, new Shape(SAMPLES, 4), type));
        }

        @Override
        public Map<String, Target> targets() {
            return Map.of("output", target);
        }
    }

    private static Data numbers() {
        float[] values = new float[SAMPLES * CLASSES];
        for (int i = 0; i < values.length; i++) {
            values[i] = i % 4;
        }
        return new Data(new Target.Numbers(values, new Shape(SAMPLES, CLASSES)));
    }

    private static Data classes() {
        int[] labels = new int[SAMPLES];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = i * i % CLASSES;
        }
        return new Data(new Target.Classes(labels));
    }

    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void aFunctionTrains(EngineChoice engine) {
        // tag::function
        LossSpec focal =
                LossSpec.of(
                        "focal",
                        1,
                        (output, target) -> {
                            Ops ops = Ops.of(output.getManager());
                            NDArray logP = output.logSoftmax(1);
                            NDArray missing = ops.sub(logP.exp(), 1).square();
                            NDArray each = missing.mul(logP).mul(target);
                            return ops.mul(each.sum(new int[] {1}), -1);
                        });
        Recipe recipe = Recipe.builder().losses(Map.of("output", focal)).build();
        // end::function
        assertLearns(engine, recipe, classes());
    }

    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void aRecordTrainsByItsName(EngineChoice engine) {
        SpecJson json = new SpecJson(List.of(Poisson.class));
        String text = "{\"losses\": {\"output\": \"poisson\"}}";
        Recipe recipe = json.parse(text, "recipe", Recipe.class);
        assertEquals(recipe, json.parse(json.writeAll(recipe), "again", Recipe.class));
        assertLearns(engine, recipe, numbers());
    }

    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void aLayerTrains(EngineChoice engine) {
        Path file = Guide.resource("recipes/quantile.json");
        assertLearns(engine, SpecJson.standard().read(file, Recipe.class), numbers());
    }

    private static void assertLearns(EngineChoice engine, Recipe recipe, Data data) {
        ModelSpec spec = SpecJson.standard().parse(NETWORK, "small", ModelSpec.class);
        try (Backend backend = Backend.open(engine, DeviceChoice.CPU);
                Network network = Network.create(spec, backend, 7);
                TrainingStep step = new TrainingStep(network, recipe)) {
            double first = Double.NaN;
            double last = Double.NaN;
            for (int i = 0; i < 30; i++) {
                step.backward(data, 1);
                step.update(0.02);
                StepResult result = Objects.requireNonNull(step.poll(0));
                last = result.loss();
                first = i == 0 ? last : first;
            }
            assertTrue(last < 0.9 * first, first + " became " + last);
        }
    }
}

package io.residuum.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.residuum.compile.CompileOptions;
import io.residuum.compile.ComputeType;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CompiledTrainingTest {
    private static final int BATCH = 8;
    private static final Shape IMAGES = new Shape(BATCH, 3, 8, 8);

    /** Norms, a projection, and both modes of stochastic depth that can be compiled. */
    private static final String NETWORK =
            """
            {"format": "residuum/1", "name": "net", "input": {"type": "image", "shape": [3, 8, 8]},
             "network": [
               {"type": "conv2d", "name": "stem", "filters": 8, "kernel": 3, "padding": 1},
               {"type": "residual", "name": "a", "dropPath": {"rate": 0.3, "mode": "sample"},
                "branch": [{"type": "conv2d", "filters": 8, "kernel": 3, "padding": 1, "bias": false}],
                "after": {"norm": "batch", "activation": "relu"}},
               {"type": "residual", "name": "b", "dropPath": {"rate": 0.3, "mode": "%s"},
                "shortcut": "projection",
                "branch": [{"type": "conv2d", "filters": 12, "kernel": 3, "padding": 1, "stride": 2}],
                "after": {"norm": "batch", "activation": "gelu"}},
               {"type": "globalAveragePool"},
               {"type": "linear", "name": "head", "units": 4}]}
            """;

    private static ModelSpec spec(String mode) {
        return SpecJson.standard().parse(NETWORK.formatted(mode), "net", ModelSpec.class);
    }

    private static Recipe recipe(boolean compile, ComputeType compute) {
        return Recipe.builder()
                .labelSmoothing(0.1)
                .clipNorm(5.0)
                .compile(compile)
                .compute(compute)
                .build();
    }

    private static void step(TrainingStep training, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] images = new float[Math.toIntExact(IMAGES.size())];
        for (int i = 0; i < images.length; i++) {
            images[i] = (float) random.nextDouble(-1, 1);
        }
        training.backward(images, random.ints(BATCH, 0, 4).toArray(), null, 1);
        training.update(0.05);
    }

    private static List<Double> losses(
            EngineChoice engine, String mode, Recipe recipe, int steps, Consumer<String> notes) {
        List<Double> losses = new ArrayList<>();
        try (Network network = Network.create(spec(mode), Tiny.backend(engine), 5);
                TrainingStep training = new TrainingStep(network, recipe, notes)) {
            for (int i = 0; i < steps; i++) {
                step(training, i % 3);
                losses.add(Objects.requireNonNull(training.poll(0)).loss());
            }
            network.buffers()
                    .forEach(
                            (path, p) -> losses.add(Tensors.largest(Tensors.values(p.getArray()))));
        }
        return losses;
    }

    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void takesTheSameSteps(EngineChoice engine) {
        for (String mode : List.of("sample", "batch")) {
            List<Double> one =
                    losses(engine, mode, recipe(false, ComputeType.FLOAT32), 20, n -> {});
            List<Double> whole =
                    losses(engine, mode, recipe(true, ComputeType.FLOAT32), 20, Assertions::fail);
            for (int i = 0; i < one.size(); i++) {
                assertEquals(one.get(i), whole.get(i), 1e-4, mode + " " + i);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BFLOAT16", "FLOAT16"})
    void learnsInLowPrecision(ComputeType compute) {
        List<Double> losses =
                losses(EngineChoice.PYTORCH, "sample", recipe(true, compute), 60, Assertions::fail);
        List<Double> single =
                losses(
                        EngineChoice.PYTORCH,
                        "sample",
                        recipe(true, ComputeType.FLOAT32),
                        60,
                        Assertions::fail);
        assertNotEquals(single, losses, compute + " rounds");
        assertTrue(mean(losses.subList(50, 60)) < mean(losses.subList(0, 10)) - 0.1, "it learns");
        assertEquals(mean(single.subList(50, 60)), mean(losses.subList(50, 60)), 0.1);
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(v -> v).average().orElseThrow();
    }

    @Test
    void saysWhyItIsNotCompiled() {
        List<String> notes = new ArrayList<>();
        losses(EngineChoice.MXNET, "sample", recipe(true, ComputeType.BFLOAT16), 3, notes::add);
        assertEquals(1, notes.size(), "once");
        assertTrue(notes.get(0).contains("bfloat16 needs the PyTorch engine"), notes.get(0));
        notes.clear();
        losses(
                EngineChoice.PYTORCH,
                "kept-samples",
                recipe(true, ComputeType.FLOAT32),
                3,
                notes::add);
        assertEquals(1, notes.size(), "once");
        assertTrue(
                notes.get(0).contains("Residual at b uses drop path by kept-samples"),
                notes.get(0));
    }

    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void predictionsFollowTheParameters(EngineChoice engine) {
        Backend backend = Tiny.backend(engine);
        Recipe recipe = recipe(true, ComputeType.FLOAT32);
        try (Network network = Network.create(spec("sample"), backend, 5);
                TrainingStep training = new TrainingStep(network, recipe, Assertions::fail);
                NDManager manager = backend.newManager()) {
            network.compile(CompileOptions.DEFAULT, note -> fail(note));
            NDList x = new NDList(Tensors.random(manager, 1, IMAGES.getShape()));
            for (int i = 0; i < 3; i++) {
                step(training, i);
                double[] expected = Tensors.values(network.forward(x, false));
                Tensors.assertClose(
                        expected, Tensors.values(network.predict(x)), 1e-5, "after step " + i);
            }
            network.resetHead(7, 3);
            assertEquals(new Shape(BATCH, 7), network.predict(x).getShape());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void keepsNoArrays(EngineChoice engine) {
        Backend backend = Tiny.backend(engine);
        try (Network network = Network.create(spec("sample"), backend, 5);
                TrainingStep training =
                        new TrainingStep(
                                network, recipe(true, ComputeType.FLOAT32), Assertions::fail)) {
            int afterFive = 0;
            for (int i = 0; i < 15; i++) {
                step(training, i);
                while (training.poll(0) != null) {
                    // read all
                }
                if (i == 5) {
                    afterFive = backend.manager().getManagedArrays().size();
                }
            }
            assertEquals(afterFive, backend.manager().getManagedArrays().size());
        }
    }

    @Test
    void refusesLowPrecisionOperationByOperation() {
        SpecException e =
                Assertions.assertThrows(
                        SpecException.class, () -> recipe(false, ComputeType.BFLOAT16));
        assertTrue(e.getMessage().contains("set compile to true"), e.getMessage());
    }
}

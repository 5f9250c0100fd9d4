package io.residuum.compile;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.layers.Dropout;
import io.residuum.spec.layers.Linear;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import io.residuum.testing.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A program that trains another network than it should is not used, though that network draws. */
class ProgramCheckTest {

    /** In what the captured layer differs from the layer itself. */
    private enum Lie {
        NONE(""),
        OUTPUT("its outputs"),
        STATISTICS("its running statistics"),
        GRADIENT("its gradients");

        private final String noted;

        Lie(String noted) {
            this.noted = noted;
        }
    }

    private record Liar(String name, Lie lie) implements LayerSpec {
        @Override
        public Layer newBlock(Shape input) {
            return new LiarBlock(input, lie);
        }
    }

    private static final class LiarBlock extends Layer {
        private final Lie lie;
        private final Parameter scale;
        private final Parameter shift;
        private final Parameter share;
        private final Parameter mean;
        private final Parameter variance;

        LiarBlock(Shape input, Lie lie) {
            super(input);
            this.lie = lie;
            long width = input.get(1);
            scale = parameter("scale", Parameter.Type.GAMMA, Init.ONES, width);
            shift = parameter("shift", Parameter.Type.BETA, Init.ZEROS, width);
            share = parameter("share", Parameter.Type.OTHER, Init.ZEROS, width);
            mean = buffer("mean", Parameter.Type.RUNNING_MEAN, Init.ZEROS, width);
            variance = buffer("variance", Parameter.Type.RUNNING_VAR, Init.ONES, width);
        }

        @Override
        protected NDArray compute(ForwardPass pass, NDArray x) {
            Lie told = pass.ops().captures() ? lie : Lie.NONE;
            NDArray y =
                    pass.ops()
                            .batchNormTraining(
                                    x,
                                    pass.value(scale),
                                    pass.value(shift),
                                    pass.value(mean),
                                    pass.value(variance),
                                    1e-5f,
                                    told == Lie.STATISTICS ? 0.2f : 0.1f);
            // At zero it is what it is without, but has no gradient.
            NDArray factor = pass.value(share);
            y = y.add(y.mul(told == Lie.GRADIENT ? Activation.relu(factor) : factor));
            return told == Lie.OUTPUT ? y.mul(1.01) : y;
        }
    }

    private static LayerSpec layers(Lie lie) {
        return new Sequential(
                "",
                new Linear("one", 16),
                new Dropout("", 0.3),
                new Liar("liar", lie),
                new Linear("two", 12),
                new Dropout("", 0.5),
                new Linear("three", 5));
    }

    static Stream<Arguments> cases() {
        return Engines.with(List.of(Lie.values()))
                .flatMap(
                        a ->
                                Stream.of(false, true)
                                        .map(
                                                checkpoint ->
                                                        Arguments.of(
                                                                a.get()[0],
                                                                a.get()[1],
                                                                checkpoint)));
    }

    @ParameterizedTest(name = "{1} on {0}, checkpoint: {2}")
    @MethodSource("cases")
    void tellsAWrongProgram(EngineChoice engine, Lie lie, boolean checkpoint) {
        Backend backend = Engines.backend(engine);
        List<String> notes = new ArrayList<>();
        CompileOptions options = CompileOptions.training(ComputeType.FLOAT32, checkpoint);
        try (Network network = Network.create(Nets.spec(layers(lie), 8), backend, 3);
                Compiler compiler = network.compiler(options, true, notes::add);
                NDManager manager = backend.newManager()) {
            network.parameters().values().forEach(p -> p.getArray().setRequiresGradient(true));
            NDList x = new NDList(Tensors.random(manager, 1, 6, 8));
            Map<String, double[]> before = Nets.values(network.state());
            compiler.prepare(x);
            if (lie == Lie.NONE) {
                assertEquals(List.of(), notes);
            } else {
                assertEquals(1, notes.size(), notes::toString);
                assertTrue(notes.get(0).startsWith("not compiled: " + lie.noted), notes.get(0));
            }
            Nets.values(network.state())
                    .forEach((path, v) -> assertArrayEquals(before.get(path), v, path));
            network.parameters()
                    .forEach(
                            (path, p) -> {
                                try (NDArray gradient = p.getArray().getGradient()) {
                                    assertEquals(
                                            0, Tensors.largest(Tensors.values(gradient)), path);
                                }
                            });
        }
    }

    /** A program cannot be compared with outputs that are NaN; the note names these. */
    @EachEngine
    void tellsOutputsThatAreNotFinite(EngineChoice engine) {
        Backend backend = Engines.backend(engine);
        List<String> notes = new ArrayList<>();
        try (Network network = Network.create(Nets.spec(new Linear("one", 3), 8), backend, 3);
                Compiler compiler = network.compiler(CompileOptions.DEFAULT, true, notes::add);
                NDManager manager = backend.newManager()) {
            compiler.prepare(new NDList(manager.full(new Shape(2, 8), Float.NaN)));
        }
        assertEquals(1, notes.size(), notes::toString);
        assertTrue(
                notes.get(0)
                        .startsWith(
                                "not compiled: its outputs cannot be checked, because the"
                                        + " network's own are not finite, but NaN"),
                notes.get(0));
    }

    static Stream<Arguments> engines() {
        return Engines.with(List.of(false, true));
    }

    /** The compared program draws nothing at random; the one in use does. */
    @ParameterizedTest(name = "on {0}, checkpoint: {1}")
    @MethodSource("engines")
    void theProgramDraws(EngineChoice engine, boolean checkpoint) {
        Backend backend = Engines.backend(engine);
        List<String> notes = new ArrayList<>();
        CompileOptions options = CompileOptions.training(ComputeType.FLOAT32, checkpoint);
        LayerSpec dropout = new Sequential("", new Linear("one", 1000), new Dropout("", 0.25));
        try (Network network = Nets.shaken(Nets.spec(dropout, 8), backend, DataType.FLOAT32);
                Compiler compiler = network.compiler(options, true, notes::add);
                NDManager manager = backend.newManager()) {
            network.parameters().values().forEach(p -> p.getArray().setRequiresGradient(true));
            NDList x = new NDList(Tensors.random(manager, 1, 10, 8));
            compiler.prepare(x);
            double[] y;
            try (GradientCollector collector = backend.newGradientCollector()) {
                ForwardResult pass = compiler.record(x, some -> network.forward(some, true));
                y = Tensors.values(pass.output());
                pass.backward(collector, pass.output().sum());
            }
            assertEquals(List.of(), notes);
            double dropped = Arrays.stream(y).filter(v -> v == 0).count() / 1e4;
            assertEquals(0.25, dropped, 0.03);
        }
    }
}

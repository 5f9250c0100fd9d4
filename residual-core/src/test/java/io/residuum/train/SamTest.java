package io.residuum.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.io.Resources;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.optim.OptimizerPeersTest;
import io.residuum.optim.OptimizerSpec;
import io.residuum.optim.Sam;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Against the papers' formulas over 20 steps: resources/io/residuum/optim/make_optimizers.py. */
class SamTest {
    private static final int STEPS = 20;
    private static final OptimizerSpec MOMENTUM = new OptimizerSpec.Sgd(0.9, false, 0);

    static Stream<Arguments> cases() throws IOException {
        return Resources.readLines(
                        Resources.getResource(OptimizerPeersTest.class, "sam.tsv"),
                        StandardCharsets.UTF_8)
                .stream()
                .map(line -> line.split("\t"))
                .flatMap(
                        row ->
                                Stream.of(EngineChoice.MXNET, EngineChoice.PYTORCH)
                                        .flatMap(
                                                e ->
                                                        Stream.of(false, true)
                                                                .map(
                                                                        compile ->
                                                                                Arguments.of(
                                                                                        e, compile,
                                                                                        row[0],
                                                                                        row[1]))));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void agreesOverTwentySteps(EngineChoice engine, boolean compile, String json, String expected) {
        Sam sam = SpecJson.standard().parse(json, "sam", Sam.class);
        double[] wanted =
                Arrays.stream(expected.split(" ")).mapToDouble(Double::parseDouble).toArray();
        assertArrayEquals(wanted, trained(engine, compile, sam), 1e-5);
    }

    private static double[] trained(EngineChoice engine, boolean compile, Sam sam) {
        Recipe recipe = Recipe.builder().optimizer(MOMENTUM).compile(compile).sam(sam).build();
        try (Network network = Network.create(Tiny.smooth(), Tiny.backend(engine), 3)) {
            Tiny.loadSines(network);
            try (TrainingStep step =
                    new TrainingStep(
                            network,
                            recipe,
                            note -> {
                                throw new AssertionError(note);
                            })) {
                for (int t = 0; t < STEPS; t++) {
                    float[] x = new float[15];
                    for (int i = 0; i < x.length; i++) {
                        x[i] = (float) Math.cos(0.9 * i + 0.5 * t);
                    }
                    int now = t;
                    int[] labels = IntStream.range(0, 5).map(i -> (i + now) % 3).toArray();
                    step.backward(x, labels, null, 1);
                    step.update(0.1);
                    assertTrue(Objects.requireNonNull(step.poll(0)).loss() > 0);
                }
            }
            return network.state().values().stream()
                    .flatMapToDouble(p -> doubles(p.getArray().toFloatArray()))
                    .toArray();
        }
    }

    /** The pass uphill must leave running statistics and the sums of earlier passes alone. */
    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void aTinyRhoChangesNothing(EngineChoice engine) {
        ModelSpec spec =
                SpecJson.standard()
                        .parse(
                                """
                                {"format": "residuum/1", "name": "normed",
                                 "input": {"type": "features", "shape": [3]},
                                 "network": [{"type": "linear", "name": "in", "units": 4}, {"type": "norm", "norm": "batch"},
                                   {"type": "linear", "name": "out", "units": 3}]}
                                """,
                                "normed",
                                ModelSpec.class);
        double[] plain = accumulated(spec, engine, Recipe.builder().accumulate(2).build());
        double[] uphill =
                accumulated(spec, engine, Recipe.builder().accumulate(2).sam(Sam.of(1e-7)).build());
        assertArrayEquals(plain, uphill, 1e-5);
    }

    private static double[] accumulated(ModelSpec spec, EngineChoice engine, Recipe recipe) {
        try (Network network = Network.create(spec, Tiny.backend(engine), 3);
                TrainingStep step = new TrainingStep(network, recipe)) {
            for (int t = 0; t < 3; t++) {
                for (int pass = 0; pass < 2; pass++) {
                    float[] x = new float[12];
                    for (int i = 0; i < x.length; i++) {
                        x[i] = (float) Math.sin(i * i + pass + 2 * t);
                    }
                    step.backward(x, new int[] {0, 1, 2, 1}, null, 2);
                }
                step.update(0.1);
            }
            while (step.poll(0) != null) {
                // read all
            }
            return network.state().values().stream()
                    .flatMapToDouble(p -> doubles(p.getArray().toFloatArray()))
                    .toArray();
        }
    }

    private static DoubleStream doubles(float[] values) {
        return IntStream.range(0, values.length).mapToDouble(i -> values[i]);
    }

    @Test
    void settingsOutOfRangeAreRefused() {
        SpecException e = assertThrows(SpecException.class, () -> Sam.of(0));
        assertEquals("rho must be positive, got 0.0", e.getMessage());
        Recipe recipe = SpecJson.standard().parse("{\"sam\": 0.1}", "recipe", Recipe.class);
        assertEquals(Sam.of(0.1), recipe.sam());
    }
}

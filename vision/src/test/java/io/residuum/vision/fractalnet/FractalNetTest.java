package io.residuum.vision.fractalnet;

import static io.residuum.testing.Tensors.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.ParameterStore;
import io.residuum.compile.CompileOptions;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Cost;
import io.residuum.model.Network;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.spec.InputSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import io.residuum.testing.Tensors;
import io.residuum.train.Recipe;
import io.residuum.train.TrainingStep;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/** FractalNet follows its recursion, and trains the same columns compiled or not. */
class FractalNetTest {
    private static ModelSpec spec(FractalNet net) {
        return new ModelSpec(
                "net", new InputSpec.Image(List.of(3, 8, 8), List.of(), List.of()), net);
    }

    private static FractalNet small(int columns) {
        return FractalNet.of(4)
                .with()
                .columns(columns)
                .widths(List.of(4, 6))
                .dropout(List.of())
                .build();
    }

    /**
     * Every column of a block has one convolution that reads its input; all others keep the width.
     */
    @Test
    void hasTheParametersOfItsColumns() {
        long expected = 512 * 10 + 10;
        int in = 3;
        for (int width : List.of(64, 128, 256, 512, 512)) {
            expected += 9L * width * (3L * in + 4L * width) + 7 * 2L * width;
            in = width;
        }
        Layer block = new FractalNetPresets().presets().get(0).spec().newBlock();
        assertEquals(expected, Cost.of(block).parameters());
        assertEquals(33_724_618, expected);
    }

    /** {@code f_C(z) = mean(f_(C-1)(f_(C-1)(z)), conv(z))}, where means that meet are one. */
    private record Recursion(ForwardPass pass, Layer block, int columns, int[] made) {
        NDArray compute(NDArray z) {
            return mean(outputs(z, columns));
        }

        /** The outputs of the columns of {@code f_C} before their mean, the shortest last. */
        private List<NDArray> outputs(NDArray z, int c) {
            int column = columns - c;
            List<NDArray> all = new ArrayList<>();
            if (c > 1) {
                all.addAll(outputs(mean(outputs(z, c - 1)), c - 1));
            }
            String name = "column%d_%d".formatted(column + 1, ++made[column]);
            Layer unit = Objects.requireNonNull(block.children().get(name), name);
            all.add(unit.forward(pass, z));
            return all;
        }

        private static NDArray mean(List<NDArray> all) {
            NDArray sum = all.get(0);
            for (NDArray other : all.subList(1, all.size())) {
                sum = sum.add(other);
            }
            return sum.div(all.size());
        }
    }

    @EachEngine
    void computesItsRecursion(EngineChoice engine) {
        for (int columns : new int[] {1, 2, 3, 4}) {
            ModelSpec spec = spec(small(columns));
            try (Network network = Nets.shaken(spec, Engines.backend(engine), DataType.FLOAT32);
                    NDManager manager = network.backend().newManager()) {
                NDArray x = Tensors.random(manager, 3, 2, 3, 8, 8);
                double[] found = Tensors.values(network.predict(new NDList(x)));
                ParameterStore store = new ParameterStore(manager, false);
                ForwardPass pass = ForwardPass.of(store, new NDList(x), false);
                NDArray y = x;
                for (Map.Entry<String, Layer> part : network.block().children().entrySet()) {
                    y =
                            part.getKey().startsWith("block")
                                    ? new Recursion(
                                                    pass,
                                                    part.getValue(),
                                                    columns,
                                                    new int[columns])
                                            .compute(y)
                                    : part.getValue().forward(pass, y);
                }
                assertClose(Tensors.values(y), found, 1e-5, columns + " columns");
                network.compile(CompileOptions.DEFAULT, Assertions::fail);
                double[] compiled = Tensors.values(network.predict(new NDList(x)));
                assertClose(found, compiled, 1e-4, columns + " columns compiled");
            }
        }
    }

    /** A batch that trains one column changes no weights of the others. */
    @EachEngine
    void trainsOneColumnAlone(EngineChoice engine) {
        FractalNet net = small(3).withGlobal(1);
        try (Network network = Network.create(spec(net), Engines.backend(engine), 1);
                NDManager manager = network.backend().newManager()) {
            NDArray x = Tensors.random(manager, 3, 2, 3, 8, 8);
            NDArray weights = Tensors.random(manager, 4, 2, 4);
            for (int i = 0; i < 6; i++) {
                List<String> trained = new ArrayList<>();
                Nets.gradients(network, x, true, weights)
                        .forEach(
                                (path, g) -> {
                                    if (path.endsWith("conv.weight") && Tensors.largest(g) > 0) {
                                        trained.add(path.replaceAll(".*column(\\d).*", "$1"));
                                    }
                                });
                assertEquals(1, trained.stream().distinct().count(), trained.toString());
                int column = Integer.parseInt(trained.get(0));
                assertEquals(2 << (column - 1), trained.size(), "of two blocks");
            }
        }
    }

    @EachEngine
    void dropsTheSameColumnsCompiled(EngineChoice engine) {
        List<Double> one = losses(engine, false);
        List<Double> whole = losses(engine, true);
        for (int i = 0; i < one.size(); i++) {
            assertEquals(one.get(i), whole.get(i), 1e-4, "step " + i);
        }
    }

    private static List<Double> losses(EngineChoice engine, boolean compile) {
        Recipe recipe = Recipe.builder().compile(compile).build();
        List<Double> losses = new ArrayList<>();
        try (Network network = Network.create(spec(small(3)), Engines.backend(engine), 5);
                TrainingStep training = new TrainingStep(network, recipe, Assertions::fail)) {
            SplittableRandom random = new SplittableRandom(1);
            float[] images = new float[4 * 3 * 64];
            for (int i = 0; i < images.length; i++) {
                images[i] = (float) random.nextDouble(-1, 1);
            }
            for (int step = 0; step < 10; step++) {
                training.backward(images, new int[] {0, 1, 2, 3}, null, 1);
                training.update(0.02);
                losses.add(Objects.requireNonNull(training.poll(0)).loss());
            }
        }
        return losses;
    }

    @Test
    void readsItsOwnExpansion() {
        ModelSpec spec = spec(small(3));
        String expanded = SpecJson.standard().write(spec.withNetwork(spec.network().expanded()));
        ModelSpec again = SpecJson.standard().parse(expanded, "again", ModelSpec.class);
        assertEquals(
                spec.newBlock().namedParameters().keySet(),
                again.newBlock().namedParameters().keySet());
        SpecException e =
                assertThrows(
                        SpecException.class, () -> small(3).with().dropout(List.of(0.1)).build());
        assertTrue(e.getMessage().contains("a rate for each of the 2 blocks"), e.getMessage());
    }
}

package io.residuum.vision.inception;

import io.residuum.nn.Init.Fan;
import io.residuum.spec.Check;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Parallel;
import io.residuum.spec.Sequential;
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.AveragePool2d;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.Dropout;
import io.residuum.spec.layers.GlobalAveragePool;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.MaxPool2d;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Normalization;
import io.residuum.spec.layers.Size2d;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Builds the parts of Inception networks: convolutions with a norm and an activation, and branches
 * side by side.
 *
 * @param width the factor of all channels
 * @param norm the norm after each convolution
 * @param activation the activation after each norm
 */
record Cells(double width, NormSpec norm, ActivationSpec activation) {
    /** The initialization of the reference networks: He et al. 2015, fan-in. */
    private static final InitSpec INIT = new InitSpec.HeNormal(Fan.IN);

    private static final Size2d NONE = Size2d.of(0);
    private static final Size2d THREE = Size2d.of(3);

    static void requireWidth(double width) {
        Check.positive("width", width);
    }

    /** {@return the published number of channels times the width, 1 or more} */
    int channels(int published) {
        return Math.max(1, Math.toIntExact(Math.round(published * width)));
    }

    /** {@return a convolution that keeps the image size} */
    Sequential same(int filters, int height, int width) {
        Size2d padding = new Size2d((height - 1) / 2, (width - 1) / 2);
        return conv(filters, new Size2d(height, width), 1, padding);
    }

    /** {@return a square convolution that keeps the image size} */
    Sequential same(int filters, int kernel) {
        return same(filters, kernel, kernel);
    }

    /** {@return a 1x3 and a 3x1 convolution of the same input, concatenated} */
    Parallel split(int filters) {
        return Parallel.concat(
                "", named("a", same(filters, 1, 3)), named("b", same(filters, 3, 1)));
    }

    /** {@return a square convolution that halves the image size} */
    Sequential strided(int filters, int kernel) {
        return conv(filters, Size2d.of(kernel), 2, Size2d.of((kernel - 1) / 2));
    }

    /** {@return a 3x3 convolution without padding} */
    Sequential valid(int filters, int stride) {
        return conv(filters, THREE, stride, NONE);
    }

    private Sequential conv(int filters, Size2d kernel, int stride, Size2d padding) {
        Conv2d conv =
                Conv2d.of(channels(filters), 1)
                        .with()
                        .name("conv")
                        .kernel(kernel)
                        .stride(Size2d.of(stride))
                        .padding(padding)
                        .bias(false)
                        .init(INIT)
                        .build();
        return new Sequential(
                "",
                conv,
                new Normalization("norm", norm),
                new Activation("activation", activation));
    }

    /** {@return a 1x1 convolution with a bias, to exactly this number of channels} */
    static Conv2d linear(String name, int channels) {
        return Conv2d.of(channels, 1).with().name(name).init(INIT).build();
    }

    /** {@return max pooling that halves the image size} */
    static MaxPool2d maxPool(String name) {
        return new MaxPool2d(name, THREE, Size2d.of(2), NONE);
    }

    /** {@return average pooling that keeps the image size and ignores the padding} */
    static AveragePool2d averagePool() {
        return new AveragePool2d("", THREE, Size2d.of(1), Size2d.of(1), false, false);
    }

    /** {@return layers under a name} */
    static Sequential named(String name, Sequential layers) {
        return new Sequential(name, layers.layers());
    }

    /** {@return branches whose channels are concatenated, named {@code branch0} and so on} */
    static Parallel branches(String name, LayerSpec... branches) {
        List<LayerSpec> named = new ArrayList<>();
        for (LayerSpec branch : branches) {
            String called = "branch" + named.size();
            named.add(
                    branch instanceof Sequential layers
                            ? named(called, layers)
                            : new Sequential(called, branch));
        }
        return Parallel.concat(name, named.toArray(LayerSpec[]::new));
    }

    /** {@return units in sequence, named by their index} */
    static Sequential stage(String name, int units, Function<String, LayerSpec> unit) {
        List<LayerSpec> all = new ArrayList<>();
        for (int u = 0; u < units; u++) {
            all.add(unit.apply(Integer.toString(u)));
        }
        return new Sequential(name, all);
    }

    /** {@return layers in sequence, named by their index} */
    static Sequential chain(LayerSpec... layers) {
        return new Sequential("", layers);
    }

    /** {@return the layers between the last stage and the classes, named {@code head}} */
    static Sequential head(List<LayerSpec> before, double dropout, int classes) {
        List<LayerSpec> layers = new ArrayList<>(before);
        layers.add(new GlobalAveragePool("pool"));
        if (dropout > 0) {
            layers.add(new Dropout("dropout", dropout));
        }
        layers.add(new Linear("fc", classes));
        return new Sequential("head", layers);
    }
}

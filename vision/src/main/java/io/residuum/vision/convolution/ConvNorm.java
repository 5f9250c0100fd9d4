package io.residuum.vision.convolution;

import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Normalization;
import io.residuum.spec.layers.Size2d;
import java.util.ArrayList;
import java.util.List;

/**
 * Builds convolutions without a bias, each followed by a norm and perhaps an activation. Their
 * names are {@code conv}, {@code norm} and {@code activation}, below a common name.
 *
 * @param norm the norm after each convolution
 * @param activation the activation after the norm
 */
public record ConvNorm(NormSpec norm, ActivationSpec activation) {

    /**
     * {@return a convolution, the norm and the activation}
     *
     * @param name the common name
     * @param conv the convolution
     */
    public Sequential activated(String name, Conv2d conv) {
        List<LayerSpec> layers = new ArrayList<>(linear("", conv).layers());
        layers.add(new Activation("activation", activation));
        return new Sequential(name, layers);
    }

    /**
     * {@return a convolution and the norm}
     *
     * @param name the common name
     * @param conv the convolution
     */
    public Sequential linear(String name, Conv2d conv) {
        return new Sequential(name, plain("conv", conv), new Normalization("norm", norm));
    }

    /**
     * {@return a convolution without a bias}
     *
     * @param conv the convolution
     */
    public static Conv2d plain(String name, Conv2d conv) {
        return conv.with().name(name).bias(false).build();
    }

    /**
     * {@return a square convolution of each channel by itself, with padding {@code (kernel - 1) /
     * 2}}
     *
     * @param channels the channels of input and output
     * @param kernel the window
     * @param stride the step
     */
    public static Conv2d depthwise(int channels, int kernel, int stride) {
        return Conv2d.of(channels, kernel).withStride(stride).withGroups(channels);
    }

    /**
     * {@return a convolution of each channel by itself that keeps the image size}
     *
     * @param channels the channels of input and output
     * @param kernel the window, with odd sides
     */
    public static Conv2d depthwise(int channels, Size2d kernel) {
        return Conv2d.of(channels, 1)
                .with()
                .kernel(kernel)
                .padding(new Size2d((kernel.height() - 1) / 2, (kernel.width() - 1) / 2))
                .groups(channels)
                .build();
    }
}

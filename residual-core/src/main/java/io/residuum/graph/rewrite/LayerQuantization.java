package io.residuum.graph.rewrite;

import io.residuum.graph.FakeQuantize;
import org.jspecify.annotations.Nullable;

/**
 * The quantization of a layer whose weight has few bits.
 *
 * @param input the quantization of the layer's input; null if activations stay in float
 * @param output the quantization of a convolution's output, after its ReLU or ReLU6 if there is
 *     one; null for linear layers, whose sums stay in float
 */
public record LayerQuantization(@Nullable FakeQuantize input, @Nullable FakeQuantize output) {
    /** A layer with activations in float. */
    public static final LayerQuantization WEIGHT = new LayerQuantization(null, null);
}

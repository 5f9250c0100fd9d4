package io.residuum.graph.rewrite;

import io.residuum.graph.FakeQuantize;
import org.jspecify.annotations.Nullable;

/**
 * The quantized activations of a layer.
 *
 * @param input the quantization of the layer's input
 * @param output the quantization of a convolution's output, after its ReLU if there is one; null
 *     for linear layers, whose sums stay in float
 */
public record LayerQuantization(FakeQuantize input, @Nullable FakeQuantize output) {}

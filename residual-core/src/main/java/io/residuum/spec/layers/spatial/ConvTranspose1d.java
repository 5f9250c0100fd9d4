package io.residuum.spec.layers.spatial;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ConvolutionBlock;
import io.residuum.nn.Layer;
import io.residuum.nn.Padding;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.layers.InitSpec;

/**
 * A transposed convolution over sequences, {@code (N, T, C) -> (N, T', filters)} (Zeiler et al.
 * 2010), with weights {@code (C, filters / groups)} and the window, as in PyTorch. The output has
 * {@code (size - 1) stride - 2 padding + dilation (kernel - 1) + outputPadding + 1} positions.
 *
 * @param filters output channels
 * @param kernel window
 * @param stride step between the windows in the output. Default: 1
 * @param padding positions removed on each side of the output. Default: 0
 * @param outputPadding positions added at the end of each axis, fewer than the stride. Default: 0
 * @param dilation distance between the window's elements. Default: 1
 * @param groups number of channel groups, which are convolved separately. Default: 1
 * @param bias true to add a bias, initially 0. Default: true
 * @param init initial weights; fan-out counts the input channels. Default: He et al. 2015, normal,
 *     fan-out
 */
@WithBuilder
@TypeName("convTranspose1d")
public record ConvTranspose1d(
        @Default("\"\"") String name,
        int filters,
        int kernel,
        @Default("1") int stride,
        @Default("0") int padding,
        @Default("0") int outputPadding,
        @Default("1") int dilation,
        @Default("1") int groups,
        @Default("true") boolean bias,
        @Default("\"heNormal\"") InitSpec init)
        implements LayerSpec, ConvTranspose1dBuilder.With {
    public ConvTranspose1d {
        Check.positive("filters", filters);
        Check.positive("kernel", kernel);
        Check.positive("stride", stride);
        Check.notNegative("padding", padding);
        Check.notNegative("outputPadding", outputPadding);
        Check.positive("dilation", dilation);
        Check.that(
                outputPadding < stride,
                "outputPadding must be smaller than stride, got %s with stride %s",
                outputPadding,
                stride);
        Check.groups(groups, filters);
    }

    @Override
    public Layer newBlock(Shape input) {
        return new TransposedConvolutionBlock(
                input,
                new ConvolutionBlock.Geometry(
                        filters,
                        new Shape(kernel),
                        new Shape(stride),
                        Padding.both(new Shape(padding)),
                        new Shape(dilation),
                        groups),
                new Shape(outputPadding),
                bias,
                init.toInit());
    }
}

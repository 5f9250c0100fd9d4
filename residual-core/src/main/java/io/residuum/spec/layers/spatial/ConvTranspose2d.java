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
import io.residuum.spec.layers.Size2d;

/**
 * A transposed convolution over images, {@code (N, C, H, W) -> (N, filters, H', W')} (Zeiler et al.
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
@TypeName("convTranspose2d")
public record ConvTranspose2d(
        @Default("\"\"") String name,
        int filters,
        Size2d kernel,
        @Default("1") Size2d stride,
        @Default("0") Size2d padding,
        @Default("0") Size2d outputPadding,
        @Default("1") Size2d dilation,
        @Default("1") int groups,
        @Default("true") boolean bias,
        @Default("\"heNormal\"") InitSpec init)
        implements LayerSpec, ConvTranspose2dBuilder.With {
    public ConvTranspose2d {
        Check.positive("filters", filters);
        kernel.requireAtLeast("kernel", 1);
        stride.requireAtLeast("stride", 1);
        padding.requireAtLeast("padding", 0);
        outputPadding.requireAtLeast("outputPadding", 0);
        dilation.requireAtLeast("dilation", 1);
        Check.that(
                outputPadding.height() < stride.height() && outputPadding.width() < stride.width(),
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
                        kernel.toShape(),
                        stride.toShape(),
                        Padding.both(padding.toShape()),
                        dilation.toShape(),
                        groups),
                outputPadding.toShape(),
                bias,
                init.toInit());
    }
}

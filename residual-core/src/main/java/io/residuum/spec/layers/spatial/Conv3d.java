package io.residuum.spec.layers.spatial;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ConvolutionBlock;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import io.residuum.nn.Padding;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.layers.InitSpec;

/**
 * A convolution over volumes, {@code (N, C, D, H, W) -> (N, filters, D', H', W')}, with weights
 * {@code (filters, C / groups)} and the window.
 *
 * @param filters output channels
 * @param kernel window
 * @param stride step. Default: 1
 * @param padding zeros on each side. Default: 0
 * @param dilation distance between the window's elements. Default: 1
 * @param groups number of channel groups, which are convolved separately. Default: 1
 * @param bias true to add a bias, initially 0. Default: true
 * @param init initial weights. Default: He et al. 2015, normal, fan-out
 */
@WithBuilder
@TypeName("conv3d")
public record Conv3d(
        @Default("\"\"") String name,
        int filters,
        Size3d kernel,
        @Default("1") Size3d stride,
        @Default("0") Size3d padding,
        @Default("1") Size3d dilation,
        @Default("1") int groups,
        @Default("true") boolean bias,
        @Default("\"heNormal\"") InitSpec init)
        implements LayerSpec, Conv3dBuilder.With {
    public Conv3d {
        Check.positive("filters", filters);
        kernel.requireAtLeast("kernel", 1);
        stride.requireAtLeast("stride", 1);
        padding.requireAtLeast("padding", 0);
        dilation.requireAtLeast("dilation", 1);
        Check.groups(groups, filters);
    }

    @Override
    public Layer newBlock(Shape input) {
        return new ConvolutionBlock(
                input,
                new ConvolutionBlock.Geometry(
                        filters,
                        kernel.toShape(),
                        stride.toShape(),
                        Padding.both(padding.toShape()),
                        dilation.toShape(),
                        groups),
                bias,
                init.toInit(),
                Init.ZEROS);
    }
}

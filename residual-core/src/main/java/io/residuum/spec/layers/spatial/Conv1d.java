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
 * A convolution over sequences, {@code (N, T, C) -> (N, T', filters)}, with weights {@code
 * (filters, C / groups, kernel)} as in PyTorch, whose sequences are {@code (N, C, T)}.
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
@TypeName("conv1d")
public record Conv1d(
        @Default("\"\"") String name,
        int filters,
        int kernel,
        @Default("1") int stride,
        @Default("0") int padding,
        @Default("1") int dilation,
        @Default("1") int groups,
        @Default("true") boolean bias,
        @Default("\"heNormal\"") InitSpec init)
        implements LayerSpec, Conv1dBuilder.With {
    public Conv1d {
        Check.positive("filters", filters);
        Check.positive("kernel", kernel);
        Check.positive("stride", stride);
        Check.notNegative("padding", padding);
        Check.positive("dilation", dilation);
        Check.groups(groups, filters);
    }

    @Override
    public Layer newBlock(Shape input) {
        return new ConvolutionBlock(
                input,
                new ConvolutionBlock.Geometry(
                        filters,
                        new Shape(kernel),
                        new Shape(stride),
                        Padding.both(new Shape(padding)),
                        new Shape(dilation),
                        groups),
                bias,
                init.toInit(),
                Init.ZEROS);
    }
}

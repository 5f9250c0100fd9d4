package io.residuum.spec.layers;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ConvolutionBlock;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.json.Defaults;
import org.jspecify.annotations.Nullable;

/**
 * A two-dimensional convolution, {@code (N, C, H, W) -> (N, filters, H', W')}, with OIHW weights.
 *
 * @param filters output channels
 * @param kernel window
 * @param stride step. Default: 1
 * @param padding zeros around the image. Default: 0
 * @param dilation distance between the window's elements. Default: 1
 * @param groups number of channel groups, which are convolved separately. Default: 1
 * @param bias true to add a bias. Default: true
 * @param init initial weights. Default: He et al. 2015, normal, fan-out
 * @param biasInit initial bias, such as the logit of a rare class. Default: 0
 */
@WithBuilder
@TypeName("conv2d")
public record Conv2d(
        @Default("\"\"") String name,
        int filters,
        Size2d kernel,
        @Default("1") Size2d stride,
        @Default("0") Padding2d padding,
        @Default("1") Size2d dilation,
        @Default("1") int groups,
        @Default("true") boolean bias,
        @Default("\"heNormal\"") InitSpec init,
        @Default(value = "0.0", written = false) double biasInit)
        implements LayerSpec, Conv2dBuilder.With {
    public Conv2d {
        Check.positive("filters", filters);
        Check.finite("biasInit", biasInit);
        Check.that(bias || biasInit == 0, "biasInit must be 0 without a bias, got %s", biasInit);
        kernel.requireAtLeast("kernel", 1);
        stride.requireAtLeast("stride", 1);
        padding.toPadding(); // checks sizes
        dilation.requireAtLeast("dilation", 1);
        Check.groups(groups, filters);
    }

    /**
     * {@return a square convolution with padding {@code (kernel - 1) / 2}, which keeps the image
     * size at stride 1; all other settings are defaults}
     *
     * @param filters output channels
     * @param kernel window
     */
    public static Conv2d of(int filters, int kernel) {
        return Defaults.fill(Conv2dBuilder.builder())
                .filters(filters)
                .kernel(Size2d.of(kernel))
                .padding(Size2d.of((kernel - 1) / 2))
                .build();
    }

    /** {@return this convolution with one stride for rows and columns} */
    public Conv2d withStride(int size) {
        return withStride(Size2d.of(size));
    }

    @Override
    public LayerSpec widened(int width) {
        return groups == 1 ? withFilters(width) : LayerSpec.super.widened(width);
    }

    @Override
    public Layer newBlock(Shape input) {
        return newBlock(input, biasInit == 0 ? Init.ZEROS : Init.constant((float) biasInit));
    }

    /** {@return the layer with an initialization of the bias} */
    public Layer newBlock(Shape input, Init biasInit) {
        return newBlock(input, biasInit, null);
    }

    Layer newBlock(
            Shape input,
            Init biasInit,
            ConvolutionBlock.@Nullable Standardization standardization) {
        return new ConvolutionBlock(
                input,
                new ConvolutionBlock.Geometry(
                        filters,
                        kernel.toShape(),
                        stride.toShape(),
                        padding.toPadding(),
                        dilation.toShape(),
                        groups),
                bias,
                init.toInit(),
                biasInit,
                standardization);
    }
}

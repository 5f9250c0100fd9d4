package io.residuum.spec;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Conv2dBlock;
import io.residuum.nn.Init;
import io.residuum.nn.Inits;
import io.residuum.nn.Layer;

/**
 * A two-dimensional convolution, {@code (N, C, H, W) -> (N, filters, H', W')}, with an OIHW weight.
 *
 * @param name its name. Default: empty
 * @param filters output channels
 * @param kernel window
 * @param stride step. Default: 1
 * @param padding zeros on each side. Default: 0
 * @param dilation distance between the window's elements. Default: 1
 * @param groups channel groups that do not see each other. Default: 1
 * @param bias whether a bias is added. Default: true
 * @param init the first weights. Default: He et al. 2015, normal, fan-out
 */
@TypeName("conv2d")
@Doc("A two-dimensional convolution over (N, C, H, W).")
public record Conv2d(
        @Default("\"\"") String name,
        int filters,
        Size2d kernel,
        @Default("1") Size2d stride,
        @Default("0") Size2d padding,
        @Default("1") Size2d dilation,
        @Default("1") int groups,
        @Default("true") boolean bias,
        @Default("\"heNormal\"") InitSpec init)
        implements LayerSpec {
    /** Checks the parts. */
    public Conv2d {
        Check.positive("filters", filters);
        kernel.requireAtLeast("kernel", 1);
        stride.requireAtLeast("stride", 1);
        padding.requireAtLeast("padding", 0);
        dilation.requireAtLeast("dilation", 1);
        Check.positive("groups", groups);
        Check.that(
                filters % groups == 0,
                "groups must divide filters, got %s groups of %s filters",
                groups,
                filters);
    }

    /**
     * A square convolution that keeps the image size at stride 1: padding {@code (kernel - 1) / 2},
     * one group, bias.
     *
     * @param filters output channels
     * @param kernel window
     * @return the convolution
     */
    public static Conv2d of(int filters, int kernel) {
        Size2d one = Size2d.of(1);
        return new Conv2d(
                "",
                filters,
                Size2d.of(kernel),
                one,
                Size2d.of((kernel - 1) / 2),
                one,
                1,
                true,
                InitSpec.HE);
    }

    /**
     * The same under a name.
     *
     * @param newName the name
     * @return a new convolution
     */
    public Conv2d named(String newName) {
        return new Conv2d(newName, filters, kernel, stride, padding, dilation, groups, bias, init);
    }

    /**
     * The same with another stride.
     *
     * @param newStride the step
     * @return a new convolution
     */
    public Conv2d stride(int newStride) {
        return new Conv2d(
                name, filters, kernel, Size2d.of(newStride), padding, dilation, groups, bias, init);
    }

    /**
     * The same with another number of groups.
     *
     * @param newGroups the groups
     * @return a new convolution
     */
    public Conv2d groups(int newGroups) {
        return new Conv2d(name, filters, kernel, stride, padding, dilation, newGroups, bias, init);
    }

    /**
     * The same without a bias.
     *
     * @return a new convolution
     */
    public Conv2d withoutBias() {
        return new Conv2d(name, filters, kernel, stride, padding, dilation, groups, false, init);
    }

    @Override
    public Layer newBlock(Shape input) {
        return newBlock(input, Inits.ZEROS);
    }

    public Layer newBlock(Shape input, Init biasInit) {
        return new Conv2dBlock(
                input,
                new Conv2dBlock.Geometry(
                        filters,
                        kernel.toShape(),
                        stride.toShape(),
                        padding.toShape(),
                        dilation.toShape(),
                        groups),
                bias,
                init.toInit(),
                biasInit);
    }
}

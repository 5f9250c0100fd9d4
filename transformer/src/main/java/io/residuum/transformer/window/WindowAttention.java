package io.residuum.transformer.window;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;
import io.residuum.spec.layers.Size2d;
import io.residuum.transformer.branch.Attention;

/**
 * Self-attention within windows of an image with channels last, {@code (N, H, W, C) -> (N, H, W,
 * C)} (Liu et al. 2021, arXiv:2103.14030, Section 3.2). Images are padded with zeros on the right
 * and below to whole windows. Along an axis that is not longer than the window, there is one window
 * of the length of the axis, which is not shifted. Parameters are below {@code attention}.
 *
 * @param attention attention within a window. Relative positions with grid 0 get the window's
 * @param window rows and columns of a window
 * @param shifted true if windows are shifted by half their size, with wrapping at the borders.
 *     Parts of a window from opposite borders do not see each other. Default: false
 */
@TypeName("windowAttention")
public record WindowAttention(
        @Default("\"\"") String name,
        Attention attention,
        Size2d window,
        @Default("false") boolean shifted)
        implements LayerSpec {

    public WindowAttention {
        window.requireAtLeast("window", 1);
        Check.that(
                attention.memory() == 0 && attention.queries() == 0,
                "attention of windows must have no memory and no queries, got %s",
                attention);
        Check.that(
                !shifted || attention.position().isRelative(),
                "shifted windows need relativeTable, relativeNetwork or relative positions, got %s",
                attention.position());
    }

    @Override
    public Layer newBlock(Shape input) {
        Check.that(
                input.dimension() == 4 && Shapes.isChannelsLast(input),
                "the input of windowAttention must be (N, H, W, C) with channels last, got %s",
                input);
        Size2d fitting =
                new Size2d(
                        Math.toIntExact(Math.min(window.height(), input.get(1))),
                        Math.toIntExact(Math.min(window.width(), input.get(2))));
        return new WindowAttentionBlock(
                input,
                attention.withPosition(attention.position().onGrid(fitting)),
                fitting,
                shift(input.get(1), fitting.height()),
                shift(input.get(2), fitting.width()));
    }

    private int shift(long length, int size) {
        return shifted && length > size ? size / 2 : 0;
    }
}

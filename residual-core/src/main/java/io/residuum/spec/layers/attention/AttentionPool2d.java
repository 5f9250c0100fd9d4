package io.residuum.spec.layers.attention;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;
import io.residuum.spec.layers.InitSpec;

/**
 * Attention pooling of an image, {@code (N, C, H, W) -> (N, units)}: the mean of all pixels is a
 * query that reads itself and the pixels (Radford et al. 2021, arXiv:2103.00020, Section 2.4). The
 * learned positions belong to one size of images.
 *
 * <p>Parameters: {@code position} {@code (1 + H W, C)}, and those below {@code q}, {@code k},
 * {@code v} and {@code output}.
 *
 * @param heads the number of heads, a divisor of the channels
 * @param units the width of the output
 * @param init the initial weights and positions. Default: normal with std 0.02
 */
@TypeName("attentionPool2d")
public record AttentionPool2d(
        @Default("\"\"") String name,
        int heads,
        int units,
        @Default("{\"type\": \"normal\", \"std\": 0.02}") InitSpec init)
        implements LayerSpec {

    public AttentionPool2d {
        Check.positive("heads", heads);
        Check.positive("units", units);
    }

    /**
     * Creates a layer with the default initialization.
     *
     * @param name its name; may be empty
     * @param heads the number of heads
     * @param units the width of the output
     */
    public AttentionPool2d(String name, int heads, int units) {
        this(name, heads, units, new InitSpec.Normal(0.02));
    }

    @Override
    public LayerSpec withClasses(int classes) {
        return new AttentionPool2d(name, heads, classes, init);
    }

    @Override
    public Layer newBlock(Shape input) {
        Check.that(
                Shapes.channels(input) % heads == 0,
                "heads must divide the channels %s, got %s",
                Shapes.channels(input),
                heads);
        return new AttentionPool2dBlock(input, heads, units, init.toInit());
    }
}

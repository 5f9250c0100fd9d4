package io.residuum.spec.layers.spatial;

import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Interpolation;
import io.residuum.nn.Layer;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.SeveralInputs;
import io.residuum.spec.TypeName;
import java.util.List;

/**
 * Interpolates images to the height and width of others, for instance features of a decoder to
 * those of its encoder: {@code (N, C, H, W), (N, D, H', W') -> (N, C, H', W')}.
 *
 * @param mode function between positions along each axis. Default: nearest
 * @param alignCorners true to map the outermost positions onto each other; not for nearest.
 *     Default: false
 */
@TypeName("resizeTo")
public record ResizeTo(
        @Default("\"\"") String name,
        @Default("\"nearest\"") Interpolation.Mode mode,
        @Default("false") boolean alignCorners)
        implements SeveralInputs {
    public ResizeTo {
        Check.that(
                !alignCorners || mode != Interpolation.Mode.NEAREST,
                "alignCorners needs the mode bilinear or bicubic, got nearest");
    }

    @Override
    public Layer newBlock(List<Shape> inputs) {
        Check.that(
                inputs.size() == 2,
                "resizeTo must read two values, the images and those of the wanted size, got %s:"
                        + " name both in \"from\"",
                inputs.size());
        return new ResizeToBlock(inputs, new Interpolation(mode, alignCorners, 0, 0));
    }
}

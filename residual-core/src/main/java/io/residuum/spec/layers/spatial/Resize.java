package io.residuum.spec.layers.spatial;

import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Interpolation;
import io.residuum.nn.Layer;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;
import java.util.List;

/**
 * Interpolates sequences {@code (N, T, C)}, images {@code (N, C, H, W)} or volumes {@code (N, C, D,
 * H, W)} to another size, as PyTorch's {@code interpolate}, for instance to double the size in a
 * U-Net.
 *
 * @param scale factor of each number of positions, rounded down, if {@code size} is empty. Default:
 *     2
 * @param size new number of positions on each axis; empty to use {@code scale}. Default: empty
 * @param mode function between positions along each axis. Default: nearest
 * @param alignCorners true to map the outermost positions onto each other; not for nearest.
 *     Default: false
 */
@TypeName("resize")
public record Resize(
        @Default("\"\"") String name,
        @Default("2.0") double scale,
        @Default("[]") List<Integer> size,
        @Default("\"nearest\"") Interpolation.Mode mode,
        @Default("false") boolean alignCorners)
        implements LayerSpec {
    /** The default scale, which a spec with a size has as well. */
    private static final double DOUBLED = 2;

    public Resize {
        size = List.copyOf(size);
        Check.positive("scale", scale);
        Check.that(
                size.isEmpty() || scale == DOUBLED,
                "scale or size must be given, and not both, got scale %s and size %s",
                scale,
                size);
        Check.that(
                size.stream().allMatch(s -> s > 0), "size must be positive numbers, got %s", size);
        Check.that(
                !alignCorners || mode != Interpolation.Mode.NEAREST,
                "alignCorners needs the mode bilinear or bicubic, got nearest");
    }

    /**
     * {@return an interpolation by a factor}
     *
     * @param name its name; may be empty
     * @param scale the factor
     * @param mode the function between positions
     */
    public static Resize by(String name, double scale, Interpolation.Mode mode) {
        return new Resize(name, scale, List.of(), mode, false);
    }

    @Override
    public Layer newBlock(Shape input) {
        Shape positions = new Shape(size.stream().mapToLong(s -> s).toArray());
        return new ResizeBlock(input, mode, alignCorners, size.isEmpty() ? scale : 0, positions);
    }
}

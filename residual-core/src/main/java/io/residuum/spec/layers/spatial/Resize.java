package io.residuum.spec.layers.spatial;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Interpolation;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;
import java.util.List;
import java.util.Locale;

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
        return new ResizeBlock(input, size.isEmpty() ? scale : 0, positions);
    }

    /**
     * Interpolates positions to another number, as PyTorch's {@code interpolate}: sequences {@code
     * (N, T, C)}, images {@code (N, C, H, W)} or volumes {@code (N, C, D, H, W)}.
     */
    private final class ResizeBlock extends Layer {
        private final double scale;
        private final Shape size;

        ResizeBlock(Shape input, double scale, Shape size) {
            super(input);
            requireRank("resize", input, 3, 4, 5);
            if (scale == 0 && size.dimension() != input.dimension() - 2) {
                throw new IllegalArgumentException(
                        "size must have one number per axis of positions, %d for %s, got %s"
                                .formatted(input.dimension() - 2, input, size));
            }
            this.scale = scale;
            this.size = size;
            outputShape(); // fails now if nothing would be left
        }

        @Override
        protected NDArray compute(ForwardPass pass, NDArray x) {
            Shape in = x.getShape();
            Shape out = outputShape(in);
            return switch (in.dimension()) {
                case 3 -> {
                    NDArray rows = Shapes.exchangeSequence(x).reshape(-1, in.get(2), 1, in.get(1));
                    NDArray y = pass.ops().resize(rows, 1, out.get(1), with(unchanged(), scale));
                    yield Shapes.exchangeSequence(y.reshape(-1, in.get(2), out.get(1)));
                }
                case 4 -> pass.ops().resize(x, out.get(2), out.get(3), with(scale, scale));
                default -> volumes(pass, x, out);
            };
        }

        /** Interpolates height and width of every slice, then the depth. */
        private NDArray volumes(ForwardPass pass, NDArray x, Shape out) {
            Shape in = x.getShape();
            NDArray slices = x.reshape(-1, in.get(1) * in.get(2), in.get(3), in.get(4));
            NDArray wide = pass.ops().resize(slices, out.get(3), out.get(4), with(scale, scale));
            long area = out.get(3) * out.get(4);
            NDArray columns = wide.reshape(-1, in.get(1), in.get(2), area);
            return pass.ops()
                    .resize(columns, out.get(2), area, with(scale, unchanged()))
                    .reshape(new Shape(-1).addAll(out.slice(1)));
        }

        private Interpolation with(double rows, double columns) {
            return new Interpolation(mode, alignCorners, rows, columns);
        }

        /** The scale of an axis that keeps its size. */
        private double unchanged() {
            return scale == 0 ? 0 : 1;
        }

        @Override
        public Shape outputShape(Shape in) {
            int first = Shapes.positionAxis(in);
            return Shapes.withPositions(
                    in, i -> scale == 0 ? size.get(i) : scaled(in.get(first + i)));
        }

        private long scaled(long positions) {
            double wanted = Math.floor(positions * scale);
            if (wanted < 1 || wanted > Integer.MAX_VALUE) {
                throw new IllegalArgumentException(
                        "scale must give 1 to %d positions, got %s of %d positions with scale %s"
                                .formatted(Integer.MAX_VALUE, wanted, positions, scale));
            }
            return (long) wanted;
        }

        @Override
        public String describe() {
            return "Resize(%s, %s%s)"
                    .formatted(
                            scale == 0 ? size : "scale " + scale,
                            mode.name().toLowerCase(Locale.ROOT),
                            alignCorners ? ", align corners" : "");
        }
    }
}

package io.residuum.spec.layers.spatial;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Interpolation;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import java.util.Locale;

/**
 * Interpolates positions to another number, as PyTorch's {@code interpolate}: sequences {@code (N,
 * T, C)}, images {@code (N, C, H, W)} or volumes {@code (N, C, D, H, W)}.
 */
final class ResizeBlock extends Layer {
    private final Interpolation.Mode mode;
    private final boolean alignCorners;
    private final double scale;
    private final Shape size;

    /**
     * Creates the block.
     *
     * @param input {@code (-1, T, C)}, {@code (-1, C, H, W)} or {@code (-1, C, D, H, W)}
     * @param mode the function between positions
     * @param alignCorners true to map the outermost positions onto each other
     * @param scale the factor of each number of positions, rounded down; 0 to use the size
     * @param size the new number of positions on each axis; empty with a scale
     */
    ResizeBlock(
            Shape input, Interpolation.Mode mode, boolean alignCorners, double scale, Shape size) {
        super(input);
        requireRank("resize", input, 3, 4, 5);
        if (scale == 0 && size.dimension() != input.dimension() - 2) {
            throw new IllegalArgumentException(
                    "size must have one number per axis of positions, %d for %s, got %s"
                            .formatted(input.dimension() - 2, input, size));
        }
        this.mode = mode;
        this.alignCorners = alignCorners;
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
        return Shapes.withPositions(in, i -> scale == 0 ? size.get(i) : scaled(in.get(first + i)));
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

package io.residuum.transformer.window;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Values;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import io.residuum.nn.SideInputs;
import io.residuum.nn.trait.RepeatsChildren;
import io.residuum.spec.Build;
import io.residuum.spec.layers.Size2d;
import io.residuum.transformer.branch.Attention;

/** Attention within windows, {@code (N, H, W, C) -> (N, H, W, C)}. */
final class WindowAttentionBlock extends Layer implements RepeatsChildren {
    /** The penalty of pairs from opposite borders, as in the published code. */
    private static final float HIDDEN = -100;

    private final Size2d window;
    private final int down;
    private final int across;
    private final Layer attention;

    /**
     * Creates the block.
     *
     * @param input {@code (-1, H, W, C)}
     * @param spec the attention of one window
     * @param window rows and columns of a window
     * @param down rows to shift by
     * @param across columns to shift by
     */
    WindowAttentionBlock(Shape input, Attention spec, Size2d window, int down, int across) {
        super(input);
        this.window = window;
        this.down = down;
        this.across = across;
        long length = (long) window.height() * window.width();
        Shape one = new Shape(-1, length, input.get(3));
        attention = child("attention", Build.child("attention", spec, one));
    }

    /**
     * The mask of shifted windows, {@code (windows, T, T)}: 0 for pairs that are neighbours in the
     * image, a penalty for others.
     *
     * @param rows the rows of the padded image
     * @param columns its columns
     * @param window rows and columns of a window
     * @param down rows to shift by
     * @param across columns to shift by
     * @param type the data type
     */
    private record Mask(int rows, int columns, Size2d window, int down, int across, DataType type)
            implements ForwardPass.Shared<NDArray> {
        @Override
        public NDArray make(ForwardPass pass) {
            int length = window.height() * window.width();
            int perRow = columns / window.width();
            int windows = rows / window.height() * perRow;
            float[] values = new float[windows * length * length];
            for (int w = 0; w < windows; w++) {
                int top = w / perRow * window.height();
                int left = w % perRow * window.width();
                for (int pair = 0; pair < length * length; pair++) {
                    boolean seen =
                            region(top, left, pair / length) == region(top, left, pair % length);
                    values[w * length * length + pair] = seen ? 0 : HIDDEN;
                }
            }
            return Values.create(pass.manager(), values, new Shape(windows, length, length), type);
        }

        /** {@return the number of the region that a position comes from} */
        private int region(int top, int left, int position) {
            int y = part(top + position / window.width(), rows, window.height(), down);
            int x = part(left + position % window.width(), columns, window.width(), across);
            return 3 * y + x;
        }

        private static int part(int at, int size, int window, int shift) {
            if (shift == 0 || at < size - window) {
                return 0;
            }
            return at < size - shift ? 1 : 2;
        }
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        Shape s = x.getShape();
        NDArray padded = Borders.padded(pass, x, window.height(), window.width());
        long rows = padded.getShape().get(1);
        long columns = padded.getShape().get(2);
        NDArray shifted = rolled(rolled(padded, 1, down), 2, across);
        NDArray windows = exchange(shifted, columns, window.width() * s.get(3));
        NDList side = new NDList();
        if (down > 0 || across > 0) {
            NDArray mask =
                    pass.shared(
                            new Mask(
                                    Math.toIntExact(rows),
                                    Math.toIntExact(columns),
                                    window,
                                    down,
                                    across,
                                    x.getDataType()));
            NDArray named = mask.reshape(mask.getShape());
            named.attach(pass.manager());
            named.setName(Attention.WINDOW_MASK);
            side.add(named);
        }
        long length = (long) window.height() * window.width();
        NDArray mixed =
                attention.forward(pass.withSideInputs(side), windows.reshape(-1, length, s.get(3)));
        NDArray image = restored(mixed, rows, columns, s.get(3));
        NDArray back = rolled(rolled(image, 1, rows - down), 2, columns - across);
        boolean whole = rows == s.get(1) && columns == s.get(2);
        return whole ? back : back.get(":, 0:{}, 0:{}", s.get(1), s.get(2));
    }

    /** {@return {@code (N, H, W, C)} as {@code (N H/h W/w, h, w C)}} */
    private NDArray exchange(NDArray x, long columns, long width) {
        return x.reshape(-1, window.height(), columns / window.width(), width)
                .transpose(0, 2, 1, 3);
    }

    /** Reverses {@link #exchange}. */
    private NDArray restored(NDArray x, long rows, long columns, long channels) {
        return x.reshape(-1, columns / window.width(), window.height(), window.width() * channels)
                .transpose(0, 2, 1, 3)
                .reshape(-1, rows, columns, channels);
    }

    /** {@return the array with the first positions of an axis moved to its end} */
    private static NDArray rolled(NDArray x, int axis, long count) {
        long length = x.getShape().get(axis);
        if (count % length == 0) {
            return x;
        }
        String skip = axis == 1 ? ":, " : ":, :, ";
        NDArray first = x.get(new NDIndex(skip + "0:{}", count));
        NDArray rest = x.get(new NDIndex(skip + "{}:", count));
        return NDArrays.concat(new NDList(rest, first), axis);
    }

    @Override
    public SideInputs sideInputs() {
        return SideInputs.NONE;
    }

    @Override
    public int runs(String child) {
        Shape in = inputShape();
        long rows = (in.get(1) + window.height() - 1) / window.height();
        long columns = (in.get(2) + window.width() - 1) / window.width();
        return Math.toIntExact(Shapes.product(rows, columns));
    }

    @Override
    public String describe() {
        return "WindowAttention(%dx%d%s)"
                .formatted(window.height(), window.width(), down + across > 0 ? ", shifted" : "");
    }
}

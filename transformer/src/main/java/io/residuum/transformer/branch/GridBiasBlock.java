package io.residuum.transformer.branch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import com.google.common.primitives.Doubles;
import com.google.common.primitives.Floats;
import com.google.common.primitives.Longs;
import io.residuum.engine.Values;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Ids;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import io.residuum.nn.LinearBlock;
import io.residuum.nn.trait.HasConstants;
import io.residuum.spec.Check;
import io.residuum.spec.layers.Size2d;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The bias of each pair of positions of a grid, {@code (T, T) -> (T, T, H)}: one number per head
 * for each distance in rows and columns. It comes from a table or from a network.
 */
final class GridBiasBlock extends Layer implements HasConstants {
    /** The rows of a table for pairs with a token. */
    private static final int TOKEN_ROWS = 3;

    /** The largest bias of a network is twice this number. */
    private static final int BOUND = 16;

    /** The normalized distances are spread over this range before the logarithm. */
    private static final double SPREAD = 8;

    private final int heads;
    private final Size2d grid;
    private final Size2d trained;
    private final boolean token;
    private final boolean bounded;
    private final @Nullable Parameter table;
    private final @Nullable LinearBlock hidden;
    private final @Nullable Layer output;

    private GridBiasBlock(
            Shape pairs,
            int heads,
            Size2d grid,
            boolean token,
            PositionSpec.@Nullable RelativeNetwork network) {
        super(pairs);
        this.heads = heads;
        this.grid = grid;
        this.token = token;
        this.bounded = network == null || network.bounded();
        long length = (long) grid.height() * grid.width() + (token ? 1 : 0);
        Check.that(
                grid.height() > 0 && pairs.get(0) == length && pairs.get(1) == length,
                "grid must have the %s positions of the sequence%s, got %s: set it, or put the"
                        + " attention into a windowAttention",
                pairs.get(1) - (token ? 1 : 0),
                token ? " after its token" : "",
                grid);
        long distances = (2L * grid.height() - 1) * (2L * grid.width() - 1);
        Init small = Init.truncatedNormal(0.02f);
        if (network == null) {
            trained = grid;
            long rows = distances + (token ? TOKEN_ROWS : 0);
            table = parameter("table", Parameter.Type.WEIGHT, small, rows, heads);
            hidden = null;
            output = null;
        } else {
            trained = network.trained().height() == 0 ? grid : network.trained();
            table = null;
            Shape coordinates = new Shape(distances, 2);
            hidden =
                    child(
                            "hidden",
                            new LinearBlock(coordinates, network.width(), true, small, Init.ZEROS));
            Shape inner = new Shape(distances, network.width());
            output = child("output", new LinearBlock(inner, heads, !bounded, small, Init.ZEROS));
        }
    }

    /** Creates the layer for pairs {@code (T, T)} and positions of a grid. */
    static GridBiasBlock of(Shape pairs, PositionSpec position, int heads) {
        if (position instanceof PositionSpec.RelativeNetwork network) {
            Size2d grid = orSquare(network.grid(), pairs.get(0));
            return new GridBiasBlock(pairs, heads, grid, false, network);
        }
        PositionSpec.RelativeTable table = (PositionSpec.RelativeTable) position;
        Size2d grid = orSquare(table.grid(), pairs.get(0) - (table.token() ? 1 : 0));
        return new GridBiasBlock(pairs, heads, grid, table.token(), null);
    }

    private static Size2d orSquare(Size2d grid, long positions) {
        return grid.height() > 0 ? grid : Size2d.of((int) Math.round(Math.sqrt(positions)));
    }

    /**
     * The row of the table for each pair of a query and a key, {@code (T, T)}. Distances run from
     * the largest negative one to the largest positive one, rows first.
     *
     * @param grid the rows and columns
     * @param token true if a token precedes the grid
     */
    private record Distances(Size2d grid, boolean token) implements ForwardPass.Shared<NDArray> {
        @Override
        public NDArray make(ForwardPass pass) {
            return Values.create(pass.manager(), values(), new Shape(length(), length()));
        }

        private int length() {
            return grid.height() * grid.width() + (token ? 1 : 0);
        }

        private long[] values() {
            int before = token ? 1 : 0;
            int length = length();
            int columns = 2 * grid.width() - 1;
            int all = (2 * grid.height() - 1) * columns;
            long[] rows = new long[length * length];
            for (int i = 0; i < rows.length; i++) {
                int q = i / length - before;
                int k = i % length - before;
                if (q < 0 || k < 0) {
                    rows[i] = all + (q >= 0 ? 1 : k >= 0 ? 0 : 2);
                } else {
                    int down = q / grid.width() - k / grid.width() + grid.height() - 1;
                    int across = q % grid.width() - k % grid.width() + grid.width() - 1;
                    rows[i] = (long) down * columns + across;
                }
            }
            return rows;
        }
    }

    /**
     * The logarithms of all distances, {@code (distances, 2)}: {@code sign(d) log2(1 + |d|) / 3} of
     * distances of up to 8.
     *
     * @param grid the rows and columns
     * @param trained the rows and columns that the distances are divided by
     * @param bounded false for {@code sign(d) ln(1 + |d|)} of the distances themselves
     * @param type the data type
     */
    private record Coordinates(Size2d grid, Size2d trained, boolean bounded, DataType type)
            implements ForwardPass.Shared<NDArray> {
        @Override
        public NDArray make(ForwardPass pass) {
            double[] values = values();
            return Values.create(pass.manager(), values, new Shape(values.length / 2, 2), type);
        }

        private double[] values() {
            int columns = 2 * grid.width() - 1;
            double[] values = new double[2 * (2 * grid.height() - 1) * columns];
            for (int i = 0; i < values.length / 2; i++) {
                values[2 * i] = logarithm(i / columns - grid.height() + 1, trained.height());
                values[2 * i + 1] = logarithm(i % columns - grid.width() + 1, trained.width());
            }
            return values;
        }

        private double logarithm(int distance, int size) {
            if (!bounded) {
                return Math.signum(distance) * Math.log1p(Math.abs(distance));
            }
            double spread = SPREAD * distance / Math.max(1, size - 1);
            return Math.signum(spread) * Math.log1p(Math.abs(spread)) / Math.log(SPREAD);
        }
    }

    /** {@return the row of the table for each pair, {@code (T, T)}} */
    NDArray rows(ForwardPass pass) {
        return pass.shared(new Distances(grid, token));
    }

    /** {@return the rows of pairs, {@code (T T)}, and the logarithms that a network reads} */
    @Override
    public Map<String, Constant> constants() {
        Distances distances = new Distances(grid, token);
        long length = distances.length();
        Constant index =
                new Constant(
                        new Shape(length * length),
                        true,
                        () -> Floats.toArray(Longs.asList(distances.values())));
        if (table != null) {
            return Map.of("index", index);
        }
        Coordinates coordinates = new Coordinates(grid, trained, bounded, DataType.FLOAT32);
        Shape shape = new Shape(1, 2L * grid.height() - 1, 2L * grid.width() - 1, 2);
        return Map.of(
                "index",
                index,
                "coordinates",
                new Constant(
                        shape, false, () -> Floats.toArray(Doubles.asList(coordinates.values()))));
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        return Ids.rows(pass.ops(), "relative positions", x, values(pass));
    }

    /** {@return the numbers of all distances, {@code (distances, heads)}} */
    private NDArray values(ForwardPass pass) {
        if (hidden == null || output == null) {
            return pass.value(Objects.requireNonNull(table));
        }
        DataType type = pass.value(hidden.weight()).getDataType();
        NDArray coordinates = pass.shared(new Coordinates(grid, trained, bounded, type));
        NDArray inner = hidden.forward(pass, coordinates).getNDArrayInternal().relu();
        NDArray bias = output.forward(pass, inner);
        return bounded ? pass.ops().mul(bias.getNDArrayInternal().sigmoid(), BOUND) : bias;
    }

    @Override
    public Shape outputShape(Shape in) {
        return in.add(heads);
    }

    @Override
    public String describe() {
        return "RelativeBias(" + grid.height() + "x" + grid.width() + ")";
    }
}

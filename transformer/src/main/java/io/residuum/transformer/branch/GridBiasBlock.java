package io.residuum.transformer.branch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
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
import io.residuum.nn.LinksWeights;
import io.residuum.nn.trait.HasConstants;
import io.residuum.spec.Check;
import io.residuum.spec.layers.Size2d;
import io.residuum.transformer.layers.NearestLayer;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The bias of each pair of positions of a grid, {@code (T, T) -> (T, T, H)}: one number per head
 * for each distance in rows and columns. It comes from a table or from a network, perhaps of
 * another layer.
 */
final class GridBiasBlock extends Layer implements HasConstants, LinksWeights {
    /** The rows of a table for pairs with a token. */
    private static final int TOKEN_ROWS = 3;

    /** The largest bias of a network is twice this number. */
    private static final int BOUND = 16;

    /** The normalized distances are spread over this range before the logarithm. */
    private static final double SPREAD = 8;

    private final int heads;
    private final Size2d grid;
    private final Size2d trained;
    private final int tokens;
    private final boolean bounded;
    private final String path;
    private @Nullable GridBiasBlock other;
    private final @Nullable Parameter table;
    private final @Nullable LinearBlock hidden;
    private final @Nullable Layer output;

    private GridBiasBlock(
            Shape pairs,
            int heads,
            Size2d grid,
            int tokens,
            PositionSpec.@Nullable RelativeNetwork network) {
        super(pairs);
        this.heads = heads;
        this.grid = grid;
        this.tokens = tokens;
        this.path = network == null ? "" : network.table();
        this.bounded = network == null || network.bounded();
        long length = (long) grid.height() * grid.width() + tokens;
        Check.that(
                grid.height() > 0 && pairs.get(0) == length && pairs.get(1) == length,
                "grid must have the %s positions of the sequence%s, got %s: set it, or put the"
                        + " attention into a windowAttention",
                pairs.get(1) - tokens,
                tokens > 0 ? " after its tokens" : "",
                grid);
        long distances = (2L * grid.height() - 1) * (2L * grid.width() - 1);
        Init small = Init.truncatedNormal(0.02f);
        if (network == null) {
            trained = grid;
            long rows = distances + (tokens > 0 ? TOKEN_ROWS : 0);
            table = parameter("table", Parameter.Type.WEIGHT, small, rows, heads);
            hidden = null;
            output = null;
        } else {
            trained = network.trained().height() == 0 ? grid : network.trained();
            table = null;
            if (!path.isEmpty()) {
                hidden = null;
                output = null;
                return;
            }
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
            Size2d grid = orSquare(network.grid(), pairs.get(0) - network.tokens());
            return new GridBiasBlock(pairs, heads, grid, network.tokens(), network);
        }
        PositionSpec.RelativeTable table = (PositionSpec.RelativeTable) position;
        int tokens = table.token() ? 1 : 0;
        Size2d grid = orSquare(table.grid(), pairs.get(0) - tokens);
        return new GridBiasBlock(pairs, heads, grid, tokens, null);
    }

    private static Size2d orSquare(Size2d grid, long positions) {
        return grid.height() > 0 ? grid : Size2d.of((int) Math.round(Math.sqrt(positions)));
    }

    @Override
    public void link(String at, Layer network) {
        if (path.isEmpty()) {
            return;
        }
        GridBiasBlock found = NearestLayer.of(at, network, path, GridBiasBlock.class);
        Check.that(
                found.heads == heads && found.grid.equals(grid) && found.bounded == bounded,
                "positions that share a network must have its %s heads and grid %s, got %s heads"
                        + " and %s",
                found.heads,
                found.grid,
                heads,
                grid);
        other = found;
    }

    /**
     * The row of the table for each pair of a query and a key, {@code (T, T)}. Distances run from
     * the largest negative one to the largest positive one, rows first. Pairs with a token come
     * after all distances.
     *
     * @param grid the rows and columns
     * @param tokens the number of tokens before the grid
     * @param tokenRows the number of rows for pairs with a token
     */
    private record Distances(Size2d grid, int tokens, int tokenRows)
            implements ForwardPass.Shared<NDArray> {
        @Override
        public NDArray make(ForwardPass pass) {
            return Values.create(pass.manager(), values(), new Shape(length(), length()));
        }

        private int length() {
            return grid.height() * grid.width() + tokens;
        }

        private long[] values() {
            int length = length();
            int columns = 2 * grid.width() - 1;
            int all = (2 * grid.height() - 1) * columns;
            long[] rows = new long[length * length];
            for (int i = 0; i < rows.length; i++) {
                int q = i / length - tokens;
                int k = i % length - tokens;
                if (q < 0 || k < 0) {
                    rows[i] = all + (tokenRows == 1 || (q < 0 && k >= 0) ? 0 : q >= 0 ? 1 : 2);
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
        return pass.shared(distances());
    }

    private Distances distances() {
        return new Distances(grid, tokens, table == null ? 1 : TOKEN_ROWS);
    }

    /** {@return the rows of pairs, {@code (T T)}, and the logarithms that a network reads} */
    @Override
    public Map<String, Constant> constants() {
        Distances distances = distances();
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
        NDArray values = values(pass);
        if (table == null && tokens > 0) {
            NDArray zeros = pass.shared(new Zeros(heads, values.getDataType()));
            values = NDArrays.concat(new NDList(values, zeros), 0);
        }
        return Ids.rows(pass.ops(), "relative positions", x, values);
    }

    /** The bias of pairs with a token, {@code (1, heads)}. */
    private record Zeros(int heads, DataType type) implements ForwardPass.Shared<NDArray> {
        @Override
        public NDArray make(ForwardPass pass) {
            return Values.create(pass.manager(), new double[heads], new Shape(1, heads), type);
        }
    }

    /** {@return the numbers of all distances, {@code (distances, heads)}} */
    private NDArray values(ForwardPass pass) {
        if (!path.isEmpty()) {
            if (other == null) {
                throw new IllegalStateException(
                        "the network of positions \"%s\" is not linked; build the network with ModelSpec.newBlock"
                                .formatted(path));
            }
            return other.values(pass);
        }
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

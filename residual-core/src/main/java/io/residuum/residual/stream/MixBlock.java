package io.residuum.residual.stream;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import io.residuum.nn.trait.CountsMacs;
import io.residuum.residual.stream.Connection.Role;
import java.util.Optional;

/** Mixes n streams to m weighted sums, {@code (N, T, n C) -> (N, T, m C)}. */
public final class MixBlock extends Layer implements CountsMacs {
    private final Streams streams;
    private final int sums;
    private final StreamWeights weights;
    private final Numbers numbers;

    private MixBlock(Shape input, int count, int sums, Role role, StreamWeights weights) {
        super(input);
        this.streams = new Streams(input, count);
        this.sums = sums;
        this.weights = weights;
        Connection connection = new Connection(role, Math.max(count, sums), streams.width(), count);
        this.numbers =
                weights.numbers(
                        connection,
                        (name, init, dims) -> parameter(name, Parameter.Type.OTHER, init, dims));
    }

    /**
     * {@return a layer that reads one weighted sum of all streams}
     *
     * @param input the shape of the streams
     * @param streams their number
     */
    public static MixBlock read(Shape input, int streams, StreamWeights weights) {
        return new MixBlock(input, streams, 1, Role.READ, weights);
    }

    /**
     * {@return a layer that mixes all streams with each other}
     *
     * @param input the shape of the streams
     * @param streams their number
     */
    public static MixBlock carry(Shape input, int streams, StreamWeights weights) {
        return new MixBlock(input, streams, streams, Role.CARRY, weights);
    }

    /**
     * {@return a layer that makes several streams of one array}
     *
     * @param input the shape of the array
     * @param factors one factor a stream
     */
    public static MixBlock expand(Shape input, StreamWeights.Fixed factors) {
        return new MixBlock(input, 1, factors.values().size(), Role.WRITE, factors);
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        NDArray rows = streams.rows(x, numbers.perPosition());
        NDArray flat = rows.reshape(-1, rows.getShape().get(1) * rows.getShape().get(2));
        NDArray table = numbers.of(pass, flat).reshape(-1, sums, streams.count());
        NDArray factors =
                numbers.perPosition()
                        ? table
                        : table.broadcast(rows.getShape().get(0), sums, streams.count());
        NDArray mixed = pass.ops().batchedProduct(factors, rows);
        return streams.joined(mixed, x, numbers.perPosition());
    }

    @Override
    public Shape outputShape(Shape in) {
        return Shapes.withChannels(in, sums * streams.width());
    }

    @Override
    public long macs(Shape in) {
        Streams given = new Streams(in, streams.count());
        long each = numbers.macs() + Shapes.channels(in) * sums;
        return Shapes.product(Shapes.batch(in), given.positions(), each);
    }

    /** {@return the weights if they are constants} */
    public Optional<StreamWeights.Fixed> constants() {
        return weights instanceof StreamWeights.Fixed fixed ? Optional.of(fixed) : Optional.empty();
    }

    @Override
    public String describe() {
        return "Streams(%d to %d, %s)".formatted(streams.count(), sums, weights.kind());
    }
}

package io.residuum.residual.stream;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.MultiLayer;
import io.residuum.nn.Shapes;
import io.residuum.nn.trait.CountsMacs;
import io.residuum.residual.stream.Connection.Role;
import java.util.List;
import java.util.Optional;

/**
 * Multiplies the branch's output y by a weight for each of n streams: {@code w_j y}, with weights
 * from the streams; or {@code w_j (y - s_a)}, with weights from y. Inputs: the streams {@code (N,
 * T, n C)} and y {@code (N, T, C)}. Output: {@code (N, T, n C)}.
 */
public final class WriteBlock extends MultiLayer implements CountsMacs {
    private static final int NONE = -1;

    private final Streams streams;
    private final Streams branch;
    private final int active;
    private final StreamWeights weights;
    private final Numbers numbers;

    private WriteBlock(Shape input, Shape output, int count, int active, StreamWeights weights) {
        super(List.of(input, output));
        this.streams = new Streams(input, count);
        this.branch = new Streams(output, 1);
        this.active = active;
        this.weights = weights;
        boolean readsBranch = active != NONE;
        long width = readsBranch ? branch.width() : streams.width();
        Connection connection = new Connection(Role.WRITE, count, width, readsBranch ? 1 : count);
        this.numbers =
                weights.numbers(
                        connection,
                        (name, init, dims) -> parameter(name, Parameter.Type.OTHER, init, dims));
        if (numbers.perPosition() && streams.positions() != branch.positions()) {
            throw new IllegalArgumentException(
                    "weights of a branch that changes the positions must be fixed or learned, got %s from %s to %s"
                            .formatted(weights.kind(), input, output));
        }
    }

    /**
     * {@return a layer that multiplies the branch's output by a weight for each stream}
     *
     * @param input the shape of the streams
     * @param output the shape of the branch's output
     * @param streams the number of streams
     */
    public static WriteBlock write(Shape input, Shape output, int streams, StreamWeights weights) {
        return new WriteBlock(input, output, streams, NONE, weights);
    }

    /**
     * {@return a layer that multiplies the difference between the branch's output and one stream}
     *
     * @param carried the shape of the carried streams
     * @param output the shape of the branch's output
     * @param active the index of the stream
     * @param weights the weights, which read the branch's output
     */
    public static WriteBlock correct(
            Shape carried, Shape output, int active, StreamWeights weights) {
        int count = Math.toIntExact(Shapes.channels(carried) / Shapes.channels(output));
        if (active >= count) {
            throw new IllegalArgumentException(
                    "active must be the index of one of %d streams, got %d"
                            .formatted(count, active));
        }
        return new WriteBlock(carried, output, count, active, weights);
    }

    @Override
    protected NDList computeAll(ForwardPass pass, NDList in) {
        boolean each = numbers.perPosition();
        NDArray y = in.get(1);
        NDArray rows = branch.rows(y, each);
        NDArray read = active == NONE ? streams.rows(in.get(0), each) : rows;
        NDArray flat = read.reshape(-1, read.getShape().get(1) * read.getShape().get(2));
        NDArray factors = numbers.of(pass, flat).reshape(-1, count(), 1);
        NDArray written =
                active == NONE
                        ? rows
                        : rows.sub(
                                streams.rows(in.get(0), each).get(":, {}:{}", active, active + 1));
        return new NDList(branch.joined(written.mul(factors), y, each));
    }

    private int count() {
        return streams.count();
    }

    @Override
    public List<Shape> outputShapes(List<Shape> in) {
        Shape y = in.get(1);
        return List.of(Shapes.withChannels(y, count() * Shapes.channels(y)));
    }

    @Override
    public long macs(Shape in) {
        long positions = Shapes.sampleSize(in) / Shapes.channels(in);
        return Shapes.product(Shapes.batch(in), positions, numbers.macs());
    }

    /** {@return the weights if they are constants that multiply the branch's output itself} */
    public Optional<StreamWeights.Fixed> constants() {
        return active == NONE && weights instanceof StreamWeights.Fixed fixed
                ? Optional.of(fixed)
                : Optional.empty();
    }

    @Override
    public String describe() {
        String what = active == NONE ? "Write" : "Correct";
        return "%s(%d streams, %s)".formatted(what, count(), weights.kind());
    }
}

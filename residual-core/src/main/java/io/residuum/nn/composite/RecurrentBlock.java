package io.residuum.nn.composite;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.nn.MultiLayer;
import io.residuum.nn.Shapes;
import io.residuum.nn.SideInput;
import io.residuum.nn.SideInputs;
import io.residuum.nn.pool.MaskedMeanBlock;
import io.residuum.nn.trait.RepeatsChildren;
import io.residuum.nn.trait.Unrolled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Runs a cell over the positions of sequences {@code (N, T, ...)}. The cell reads one position and
 * its states, and returns an output and the next states. If it returns only states, the first is
 * the output. Two cells of opposite directions concatenate their outputs (Schuster and Paliwal
 * 1997).
 *
 * <p>The first states are the inputs after the sequences, or zeros. At positions that the mask
 * {@code (N, T)} hides, states stay as they are and outputs are zeros, as in packed sequences.
 */
public final class RecurrentBlock extends MultiLayer implements RepeatsChildren, Unrolled {

    /** The name of the side input {@code (N, T)}: 1 for a position that counts, else 0. */
    public static final String MASK = MaskedMeanBlock.MASK;

    /** The end of the names of the states of a second, backward cell. */
    public static final String REVERSE = "_reverse";

    /**
     * A cell and its direction.
     *
     * @param name its name below this layer
     * @param layer a layer that reads a position and the states
     * @param backward true to begin with the last position
     */
    public record Cell(String name, Layer layer, boolean backward) {}

    /**
     * The outputs of the layer.
     *
     * @param last true for the output of the last step of each cell only, false for all
     * @param states true to return the last states of each cell after the output
     */
    public record Outputs(boolean last, boolean states) {}

    /** The output and the last states of one cell. */
    private record Run(NDArray output, List<NDArray> states) {}

    /** The mask of each position, {@code (N, 1)}: 1 where it counts, and 1 where it is hidden. */
    private record Mask(List<NDArray> counts, List<NDArray> hidden) {}

    private final List<String> states;
    private final List<Cell> cells;
    private final Outputs outputs;

    /**
     * Creates the block.
     *
     * @param inputs the shape of the sequences, and those of the first states of each cell if they
     *     are given
     * @param states the names of the states, in the order in which the cell reads them
     * @param cells one cell, or two that read their states one after the other
     * @throws IllegalArgumentException if a cell does not return states of the shapes that it reads
     */
    public RecurrentBlock(
            List<Shape> inputs, List<String> states, List<Cell> cells, Outputs outputs) {
        super(inputs);
        this.states = List.copyOf(states);
        this.cells = List.copyOf(cells);
        this.outputs = outputs;
        for (Cell cell : cells) {
            child(cell.name(), cell.layer());
            requireStates(cell.layer());
        }
    }

    /** {@return true if the output of a position depends on later ones} */
    public boolean readsAhead() {
        return cells.stream().anyMatch(Cell::backward);
    }

    private void requireStates(Layer cell) {
        List<Shape> read = cell.inputShapes().subList(1, cell.inputShapes().size());
        List<Shape> made = cell.outputShapes();
        int own = made.size() - states.size();
        if (own < 0 || own > 1 || !Shapes.same(made.subList(own, made.size()), read)) {
            throw new IllegalArgumentException(
                    "a cell must return its next states %s of the shapes %s, or an output and these, got %s"
                            .formatted(states, Shapes.text(read), Shapes.text(made)));
        }
    }

    /**
     * {@return the shape of one position of sequences}
     *
     * @param data {@code (N, T, ...)} with one or more axes after the positions
     */
    public static Shape step(Shape data) {
        if (data.dimension() < 3) {
            throw new IllegalArgumentException(
                    "recurrence needs sequences (N, T, C), got "
                            + data
                            + ": use reshape to give them an axis of positions");
        }
        Shape step = new Shape(data.get(0)).addAll(data.slice(2));
        return Shapes.moved(data, inOrderOf(data, step));
    }

    /** {@return a shape with channels last if sequences have them there} */
    private static Shape inOrderOf(Shape data, Shape shape) {
        return Shapes.isChannelsLast(data) ? Shapes.channelsLast(shape) : shape;
    }

    @Override
    protected NDList computeAll(ForwardPass pass, NDList in) {
        if (pass.cache() != null) {
            throw new IllegalArgumentException(
                    "%s keeps no states between passes, so it cannot use a KV cache: compute complete sequences (--no-cache)"
                            .formatted(describe()));
        }
        NDArray x = in.head();
        List<NDArray> steps = split(x);
        Mask mask = mask(pass, x);
        NDList results = new NDList();
        NDList last = new NDList();
        for (int i = 0; i < cells.size(); i++) {
            Run run = run(pass, cells.get(i), steps, firstStates(in, i), mask);
            results.add(run.output());
            last.addAll(run.states());
        }
        NDArray y = results.head();
        if (cells.size() > 1) {
            y = NDArrays.concat(results, channelAxis());
        }
        NDList all = new NDList(y);
        if (outputs.states()) {
            all.addAll(last);
        }
        return all;
    }

    private int channelAxis() {
        Shape output = outputShape();
        return outputs.last() ? Shapes.channelAxis(output) : Shapes.channelAxis(step(output)) + 1;
    }

    /** {@return the positions {@code (N, ...)} of an array {@code (N, T, ...)}} */
    private static List<NDArray> split(NDArray x) {
        long length = x.getShape().get(1);
        long[] joined = step(x.getShape()).getShape();
        long size = joined[1];
        joined[0] = -1;
        joined[1] = length * size;
        // A slice for each step would write its gradient into zeros of the full length.
        long[] begins = LongStream.range(1, length).map(t -> t * size).toArray();
        return x.reshape(joined).split(begins, 1);
    }

    private @Nullable Mask mask(ForwardPass pass, NDArray x) {
        NDArray mask = MaskedMeanBlock.mask(pass, "a recurrent layer", x);
        if (mask == null) {
            return null;
        }
        NDArray column = mask.expandDims(2);
        // DJL gives a result to the manager of its first operand, here the caller's.
        column.attach(x.getManager());
        NDArray counts = column.toType(x.getDataType(), false);
        NDArray hidden = pass.ops().add(pass.ops().mul(counts, -1), 1);
        return new Mask(split(counts), split(hidden));
    }

    private List<NDArray> firstStates(NDList in, int cell) {
        int count = states.size();
        if (in.size() > 1) {
            return in.subList(1 + cell * count, 1 + (cell + 1) * count);
        }
        NDArray x = in.head();
        long batch = x.getShape().get(0);
        return stateShapes(cells.get(cell), batch).stream()
                .map(shape -> x.getManager().zeros(shape, x.getDataType()))
                .toList();
    }

    private static List<Shape> stateShapes(Cell cell, long batch) {
        return cell.layer().inputShapes().stream()
                .skip(1)
                .map(shape -> new Shape(batch).addAll(shape.slice(1)))
                .toList();
    }

    private Run run(
            ForwardPass pass,
            Cell cell,
            List<NDArray> steps,
            List<NDArray> first,
            @Nullable Mask mask) {
        int length = steps.size();
        NDArray[] sequence = new NDArray[length];
        List<NDArray> current = first;
        NDArray last = null;
        for (int i = 0; i < length; i++) {
            int t = cell.backward() ? length - 1 - i : i;
            NDList read = new NDList(steps.get(t));
            read.addAll(current);
            NDList made = cell.layer().forward(pass, read);
            NDArray y = made.head();
            List<NDArray> next = made.subList(made.size() - first.size(), made.size());
            if (mask != null) {
                next = kept(mask, t, next, current);
                y = masked(y, mask.counts().get(t));
            }
            if (mask != null && outputs.last() && last != null) {
                y = y.add(masked(last, mask.hidden().get(t)));
            }
            sequence[t] = y;
            last = y;
            current = next;
        }
        NDArray output = outputs.last() ? Objects.requireNonNull(last) : joined(sequence);
        return new Run(output, current);
    }

    private static List<NDArray> kept(Mask mask, int t, List<NDArray> next, List<NDArray> current) {
        List<NDArray> kept = new ArrayList<>();
        for (int i = 0; i < next.size(); i++) {
            NDArray counts = masked(next.get(i), mask.counts().get(t));
            kept.add(counts.add(masked(current.get(i), mask.hidden().get(t))));
        }
        return kept;
    }

    private static NDArray masked(NDArray x, NDArray mask) {
        long[] dims = new long[x.getShape().dimension()];
        Arrays.fill(dims, 1);
        dims[0] = -1;
        return x.mul(dims.length == 2 ? mask : mask.reshape(dims));
    }

    /** {@return the outputs of all steps, {@code (N, ...)} each, as {@code (N, T, ...)}} */
    private static NDArray joined(NDArray... steps) {
        Shape step = steps[0].getShape();
        Shape all = new Shape(-1, steps.length).addAll(step.slice(1));
        // DJL duplicates a single array, which cuts the gradient on PyTorch.
        NDArray flat = steps.length == 1 ? steps[0] : NDArrays.concat(new NDList(steps), 1);
        return flat.reshape(all);
    }

    @Override
    public List<Shape> outputShapes(List<Shape> in) {
        Shape data = in.get(0);
        List<Shape> all = new ArrayList<>();
        for (Cell cell : cells) {
            List<Shape> read = new ArrayList<>(List.of(step(data)));
            read.addAll(stateShapes(cell, data.get(0)));
            List<Shape> made = cell.layer().outputShapes(read);
            if (all.isEmpty()) {
                Shape y = made.get(0);
                Shape wide = Shapes.withChannels(y, cells.size() * Shapes.channels(y));
                all.add(outputs.last() ? wide : sequence(data, wide));
            }
            if (outputs.states()) {
                all.addAll(read.subList(1, read.size()));
            }
        }
        return all;
    }

    private static Shape sequence(Shape data, Shape step) {
        return inOrderOf(data, new Shape(step.get(0), data.get(1)).addAll(step.slice(1)));
    }

    /** {@return {@code output}, and the states of each cell if they are returned} */
    @Override
    public List<String> outputNames() {
        List<String> names = new ArrayList<>(List.of(OUTPUT));
        for (int i = 0; i < cells.size() && outputs.states(); i++) {
            String end = i == 0 ? "" : REVERSE;
            states.forEach(state -> names.add(state + end));
        }
        return names;
    }

    @Override
    protected SideInputs childSideInputs() {
        return super.childSideInputs().and(List.of(SideInput.mask(MASK, "attention_mask")));
    }

    /** {@return the number of positions for which the layer is built} */
    @Override
    public int runs(String child) {
        return Math.toIntExact(inputShape().get(1));
    }

    /** {@return the size of the sequences of outputs, which are joined from all steps} */
    @Override
    public long activations(Shape in) {
        return outputs.last() ? 0 : Shapes.size(outputShape());
    }

    @Override
    public String describe() {
        String direction =
                cells.size() > 1 ? "both" : cells.get(0).backward() ? "backward" : "forward";
        return "Recurrent(" + direction + (outputs.last() ? ", last output)" : ")");
    }
}

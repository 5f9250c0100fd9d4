package io.residuum.recurrent;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import io.residuum.nn.composite.RecurrentBlock;
import io.residuum.spec.Build;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.SeveralInputs;
import io.residuum.spec.TypeName;
import io.residuum.spec.WithBuilder;
import io.residuum.spec.json.Defaults;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A cell over the positions of sequences, {@code (N, T, ...) -> (N, T, ...)}. The cell reads one
 * position and the states in order. It returns the next states in the same order, after an output
 * of its own if it has one; else the first state is the output. Its parameters are below {@code
 * forward} and {@code backward}.
 *
 * @param states the states, in the order in which the cell reads and returns them
 * @param cell the cell, usually a graph
 * @param direction the order of the positions. Default: forward
 * @param output the outputs of all steps, or of the last one. Default: sequence
 * @param firstStates true to read the first states of each direction after the sequences, false for
 *     zeros. Default: false
 * @param lastStates true to return the last states of each direction after the output. Default:
 *     false
 */
@WithBuilder
@TypeName("recurrent")
public record Recurrent(
        @Default("\"\"") String name,
        List<State> states,
        LayerSpec cell,
        @Default("\"forward\"") Direction direction,
        @Default("\"sequence\"") Output output,
        @Default("false") boolean firstStates,
        @Default("false") boolean lastStates)
        implements SeveralInputs, RecurrentBuilder.With {
    public Recurrent {
        states = List.copyOf(states);
        Check.that(!states.isEmpty(), "states must name one state or more, got none");
        Check.that(
                states.stream().map(State::name).distinct().count() == states.size(),
                "states must have different names, got %s",
                states.stream().map(State::name).toList());
    }

    /**
     * {@return a builder of a forward recurrence, with all other settings at their defaults}
     *
     * @param name its name; may be empty
     * @param states the states, in order
     */
    public static RecurrentBuilder builder(String name, LayerSpec cell, State... states) {
        return Defaults.fill(RecurrentBuilder.builder())
                .name(name)
                .cell(cell)
                .states(List.of(states));
    }

    @Override
    public long layerCount() {
        return 1 + direction.cells().size() * Build.layerCount("cell", cell);
    }

    @Override
    public LayerSpec withLayers(UnaryOperator<LayerSpec> change) {
        return withCell(change.apply(cell));
    }

    @Override
    public Layer newBlock(List<Shape> inputs) {
        List<String> names = direction.cells();
        boolean channelsLast = Shapes.isChannelsLast(inputs.get(0));
        List<Shape> shapes =
                states.stream()
                        .map(State::batchShape)
                        .map(shape -> channelsLast ? Shapes.channelsLast(shape) : shape)
                        .toList();
        List<Shape> first = new ArrayList<>();
        names.forEach(name -> first.addAll(firstStates ? shapes : List.of()));
        Check.that(
                inputs.subList(1, inputs.size()).equals(first),
                "the layer must read sequences%s, got the shapes %s: see firstStates",
                firstStates ? " and the first states " + first : ", as firstStates is false",
                inputs);
        List<Shape> read = new ArrayList<>(List.of(RecurrentBlock.step(inputs.get(0))));
        read.addAll(shapes);
        List<RecurrentBlock.Cell> cells =
                names.stream()
                        .map(
                                name ->
                                        new RecurrentBlock.Cell(
                                                name,
                                                Build.child(name, cell, read),
                                                name.equals("backward")))
                        .toList();
        return new RecurrentBlock(
                inputs,
                states.stream().map(State::name).toList(),
                cells,
                new RecurrentBlock.Outputs(output == Output.LAST, lastStates));
    }
}

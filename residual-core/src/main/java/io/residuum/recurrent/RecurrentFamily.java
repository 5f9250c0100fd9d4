package io.residuum.recurrent;

import io.residuum.nn.composite.RecurrentBlock;
import io.residuum.spec.Check;
import io.residuum.spec.Family;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.graph.LayerGraph;
import io.residuum.spec.graph.LayerNode;
import io.residuum.spec.graph.Names;
import io.residuum.spec.layers.Dropout;
import io.residuum.spec.layers.InitSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * A stack of recurrent layers with equal cells. The layers are named {@code l0}, {@code l1} and so
 * on. States have the names of the cell's states with the layer's at their end, and {@code
 * _reverse} for the backward direction: {@code h_l0}, {@code h_l0_reverse}.
 */
interface RecurrentFamily extends Family {

    /** {@return the size of a state} */
    int units();

    /** {@return the number of layers} */
    int layers();

    /** {@return the order of the positions in each layer} */
    Direction direction();

    /** {@return the outputs of the last layer} */
    Output output();

    /** {@return the dropout rate between layers} */
    double dropout();

    /** {@return true to read the first states of each layer after the sequences} */
    boolean firstStates();

    /** {@return true to return the last states of each layer after the output} */
    boolean lastStates();

    /** {@return the names of the cell's states, in order. Default: one state, {@code h}} */
    default List<String> stateNames() {
        return List.of("h");
    }

    /** {@return the cell, which reads {@code x} and the states} */
    LayerSpec cell();

    /** Checks the settings that all families share. */
    static void check(int units, int layers, double dropout) {
        Check.positive("units", units);
        Check.positive("layers", layers);
        Check.rate("dropout", dropout);
        Check.that(
                dropout == 0 || layers > 1,
                "dropout is between layers, so it must be 0 for one layer, got %s: use a dropout"
                        + " layer after it",
                dropout);
    }

    /** {@return the initial weights of PyTorch's recurrent layers} */
    default InitSpec init() {
        return new InitSpec.Uniform(1 / Math.sqrt(units()));
    }

    @Override
    default LayerSpec expand() {
        List<String> inputs = new ArrayList<>(List.of("input"));
        List<String> outputs = new ArrayList<>();
        List<LayerNode> nodes = new ArrayList<>();
        String read = "input";
        for (int i = 0; i < layers(); i++) {
            if (i > 0 && dropout() > 0) {
                nodes.add(LayerNode.of(new Dropout("dropout" + i, dropout())).from(read));
                read = "dropout" + i;
            }
            String layer = "l" + i;
            boolean isLast = i == layers() - 1;
            Recurrent recurrent =
                    new Recurrent(
                            layer,
                            stateNames().stream().map(s -> new State(s, units())).toList(),
                            cell(),
                            direction(),
                            isLast ? output() : Output.SEQUENCE,
                            firstStates(),
                            lastStates());
            List<String> states = states(layer);
            List<String> from = new ArrayList<>(List.of(read));
            List<String> to = new ArrayList<>(List.of(layer));
            if (firstStates()) {
                inputs.addAll(states);
                from.addAll(states);
            }
            if (lastStates()) {
                outputs.addAll(states);
                to.addAll(states);
            }
            nodes.add(
                    LayerNode.of(recurrent)
                            .from(from.toArray(String[]::new))
                            .to(to.toArray(String[]::new)));
            read = layer;
        }
        outputs.add(0, read);
        return new LayerGraph(name(), new Names(inputs), nodes, new Names(outputs));
    }

    private List<String> states(String layer) {
        List<String> all = new ArrayList<>();
        for (String cell : direction().cells()) {
            boolean second = direction() == Direction.BOTH && cell.equals("backward");
            stateNames()
                    .forEach(
                            s -> all.add(s + "_" + layer + (second ? RecurrentBlock.REVERSE : "")));
        }
        return all;
    }
}

package io.residuum.recurrent;

import io.residuum.residual.Residual;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.graph.Add;
import io.residuum.spec.graph.LayerGraph;
import io.residuum.spec.graph.LayerNode;
import io.residuum.spec.graph.Multiply;
import io.residuum.spec.graph.Names;
import io.residuum.spec.graph.Split;
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.Linear;
import java.util.ArrayList;
import java.util.List;

/** Builds the cells of the literature as graphs, with the order of gates of PyTorch's weights. */
final class Cells {
    private static final ActivationSpec SIGMOID = new ActivationSpec.Sigmoid();
    private static final ActivationSpec TANH = new ActivationSpec.Tanh();

    private Cells() {}

    /** {@return an LSTM with a forget gate (Gers et al. 2000)} */
    static LayerSpec lstm(int units, double forgetBias, InitSpec init) {
        return graph(
                List.of("h", "c"),
                linear("ih", 4 * units, init).from("x"),
                LayerNode.of(new Gates("hh", units, List.of(0.0, forgetBias, 0.0, 0.0), init))
                        .from("h"),
                add("gates", "ih", "hh"),
                split(4).to("i", "f", "g", "o"),
                gate("input", "i"),
                gate("forget", "f"),
                activation("candidate", TANH, "g"),
                multiply("kept", "forget", "c"),
                multiply("new", "input", "candidate"),
                add("cell", "kept", "new").to("c"),
                gate("output", "o"),
                activation("squashed", TANH, "c"),
                multiply("answer", "output", "squashed").to("h"));
    }

    /** {@return the LSTM of 1997, whose memory only grows by what the input gate lets in} */
    static LayerSpec lstm1997(int units, InitSpec init) {
        return graph(
                List.of("h", "c"),
                linear("ih", 3 * units, init).from("x"),
                linear("hh", 3 * units, init).from("h"),
                add("gates", "ih", "hh"),
                split(3).to("i", "g", "o"),
                gate("input", "i"),
                activation("candidate", TANH, "g"),
                multiply("new", "input", "candidate"),
                add("cell", "c", "new").to("c"),
                gate("output", "o"),
                activation("squashed", TANH, "c"),
                multiply("answer", "output", "squashed").to("h"));
    }

    /** {@return a GRU whose reset gate acts after the product, as in cuDNN} */
    static LayerSpec gru(int units, InitSpec init) {
        return graph(
                List.of("h"),
                linear("ih", 3 * units, init).from("x"),
                linear("hh", 3 * units, init).from("h"),
                LayerNode.of(new Split("inputs", Split.Parts.equal(3), null))
                        .from("ih")
                        .to("ri", "zi", "ni"),
                LayerNode.of(new Split("states", Split.Parts.equal(3), null))
                        .from("hh")
                        .to("rh", "zh", "nh"),
                add("r", "ri", "rh"),
                gate("reset", "r"),
                add("z", "zi", "zh"),
                gate("update", "z"),
                multiply("past", "reset", "nh"),
                add("n", "ni", "past"),
                activation("candidate", TANH, "n"),
                // (1 - z) n + z h = n + z (h - n)
                LayerNode.of(new Add("difference", List.of(1.0, -1.0))).from("h", "candidate"),
                multiply("kept", "update", "difference"),
                add("answer", "candidate", "kept").to("h"));
    }

    /** {@return a plain recurrent network (Elman 1990)} */
    static LayerSpec rnn(int units, ActivationSpec activation, InitSpec init) {
        return graph(
                List.of("h"),
                linear("ih", units, init).from("x"),
                linear("hh", units, init).from("h"),
                add("sum", "ih", "hh"),
                activation("answer", activation, "sum").to("h"));
    }

    /** {@return a residual unit whose stream is the state; each position is added to it} */
    static LayerSpec residual(int units, ActivationSpec activation, InitSpec init) {
        return graph(
                List.of("h"),
                linear("ih", units, init).from("x"),
                add("stream", "h", "ih"),
                LayerNode.of(
                                Residual.of(
                                        "unit",
                                        new Linear("hh", units, true, init),
                                        new Activation("activation", activation)))
                        .to("h"));
    }

    private static LayerSpec graph(List<String> states, LayerNode... nodes) {
        List<String> inputs = new ArrayList<>(List.of("x"));
        inputs.addAll(states);
        return new LayerGraph("", new Names(inputs), List.of(nodes), new Names(states));
    }

    private static LayerNode linear(String name, int width, InitSpec init) {
        return LayerNode.of(new Linear(name, width, true, init));
    }

    private static LayerNode add(String name, String... from) {
        return LayerNode.of(new Add(name)).from(from);
    }

    private static LayerNode multiply(String name, String... from) {
        return LayerNode.of(new Multiply(name)).from(from);
    }

    private static LayerNode split(int parts) {
        return LayerNode.of(new Split("parts", Split.Parts.equal(parts), null));
    }

    private static LayerNode gate(String name, String from) {
        return activation(name, SIGMOID, from);
    }

    private static LayerNode activation(String name, ActivationSpec function, String from) {
        return LayerNode.of(new Activation(name, function)).from(from);
    }
}

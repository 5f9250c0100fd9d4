package io.residuum.model;

import ai.djl.ndarray.types.Shape;
import io.residuum.recurrent.Direction;
import io.residuum.recurrent.Gru;
import io.residuum.recurrent.Lstm;
import io.residuum.recurrent.Lstm1997;
import io.residuum.recurrent.Output;
import io.residuum.recurrent.Recurrent;
import io.residuum.recurrent.ResidualRnn;
import io.residuum.recurrent.Rnn;
import io.residuum.recurrent.State;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.graph.Add;
import io.residuum.spec.graph.LayerGraph;
import io.residuum.spec.graph.LayerNode;
import io.residuum.spec.graph.Names;
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.Conv2d;
import java.util.List;

/** Recurrent layers: every family, directions, and a cell of images with an output of its own. */
final class RecurrentCases {
    private RecurrentCases() {}

    static List<BlockCase> all() {
        return List.of(
                BlockCase.sequence(
                        "lstm, two layers, both directions",
                        Lstm.builder("", 3).layers(2).direction(Direction.BOTH).build()),
                BlockCase.sequence(
                        "lstm of 1997, last output",
                        Lstm1997.builder("", 3).output(Output.LAST).build()),
                BlockCase.sequence(
                        "gru, backward", Gru.builder("", 3).direction(Direction.BACKWARD).build()),
                BlockCase.sequence(
                        "rnn, last outputs of both directions",
                        Rnn.builder("", 3).direction(Direction.BOTH).output(Output.LAST).build()),
                new BlockCase(
                        "residual rnn, dropout between layers",
                        ResidualRnn.builder("", 3).layers(2).dropout(0.3).build(),
                        new Shape(3, 5, 4),
                        new Shape(2, 7, 4),
                        true),
                new BlockCase(
                        "recurrence over images",
                        images(),
                        new Shape(3, 2, 4, 3, 3),
                        new Shape(2, 3, 4, 3, 3),
                        false));
    }

    /** A convolution of state and image, and a 1x1 convolution that reads the new state. */
    private static LayerSpec images() {
        LayerSpec cell =
                new LayerGraph(
                        "",
                        new Names(List.of("x", "h")),
                        List.of(
                                LayerNode.of(Conv2d.of(2, 3).withName("image")).from("x"),
                                LayerNode.of(Conv2d.of(2, 3).withName("state")).from("h"),
                                LayerNode.of(new Add("sum")).from("image", "state"),
                                LayerNode.of(new Activation("next", new ActivationSpec.Tanh()))
                                        .to("h"),
                                LayerNode.of(Conv2d.of(3, 1).withName("y"))),
                        new Names(List.of("y", "h")));
        return Recurrent.builder("", cell, new State("h", List.of(2, 3, 3)))
                .direction(Direction.BOTH)
                .build();
    }
}

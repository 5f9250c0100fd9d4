package io.residuum.docs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Backend;
import io.residuum.model.Cost;
import io.residuum.model.Network;
import io.residuum.nn.Layer;
import io.residuum.recurrent.Direction;
import io.residuum.recurrent.Lstm;
import io.residuum.recurrent.Output;
import io.residuum.recurrent.Recurrent;
import io.residuum.recurrent.State;
import io.residuum.residual.Residual;
import io.residuum.spec.InputSpec;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.graph.Add;
import io.residuum.spec.graph.LayerGraph;
import io.residuum.spec.graph.LayerNode;
import io.residuum.spec.graph.Names;
import io.residuum.spec.json.SpecJson;
import io.residuum.spec.layers.Linear;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The listings of the guide "Recurrence". */
class RecurrenceTest {

    @Test
    void masksHidePadding() {
        String file = Guide.resource("specs/tagger.json").toString();
        // tag::predict
        try (Backend backend = Backend.open();
                Network network = Network.open(file, backend);
                NDManager manager = backend.newManager()) {
            NDArray sequences = manager.ones(new Shape(2, 3, 8));
            NDArray mask = manager.create(new long[] {1, 1, 1, 1, 0, 0}, new Shape(2, 3));
            mask.setName("mask");
            NDArray tags = network.predict(new NDList(sequences, mask)); // (2, 3, 5)
            // end::predict
            assertEquals(new Shape(2, 3, 5), tags.getShape());
            float[] bias = network.parameters().get("fc.bias").getArray().toFloatArray();
            assertArrayEquals(bias, tags.get("1, 2").toFloatArray());
            // tag::predict
        }
        // end::predict
    }

    private static Layer block(String resource) {
        return SpecJson.standard().readModel(Guide.resource(resource)).newBlock();
    }

    @Test
    void cellsOfYourOwnHaveOutputsAndStates() {
        Layer block = block("specs/own-cell.json");
        assertEquals(new Shape(-1, 3), block.outputShape());
        assertEquals(
                20 * (40 * 16 + 16 * 16 + 16 * 3),
                Cost.of(block).macs(),
                "the cell counts for each of 20 positions");
    }

    @Test
    void encodersGiveTheirStatesToDecoders() {
        Layer block = block("specs/encoder-decoder-lstm.json");
        assertEquals(new Shape(-1, 9, 6), block.outputShape());
        assertEquals("target, mask, memoryMask", block.sideInputs().toString());
    }

    @Test
    void javaBuildsRecurrences() {
        // tag::build
        LayerSpec lstm =
                Lstm.builder("lstm", 64).layers(2).direction(Direction.BOTH).dropout(0.2).build();
        LayerSpec cell =
                new LayerGraph(
                        "",
                        new Names(List.of("x", "h")),
                        List.of(
                                LayerNode.of(new Linear("in", 32)).from("x"),
                                LayerNode.of(new Add("stream")).from("h", "in"),
                                LayerNode.of(Residual.of("unit", new Linear("f", 32))).to("h")),
                        Names.of("h"));
        LayerSpec recurrent =
                Recurrent.builder("top", cell, new State("h", 32)).output(Output.LAST).build();
        ModelSpec spec =
                new ModelSpec(
                        "my-recurrence",
                        new InputSpec.Features(List.of(50, 8)),
                        new Sequential("", lstm, recurrent, new Linear("head", 10)));
        // end::build
        assertEquals(new Shape(-1, 10), spec.newBlock().outputShape());
        assertEquals(
                new Shape(32, 128),
                spec.newBlock().namedParameters().get("top.forward.in.weight").getShape());
    }
}

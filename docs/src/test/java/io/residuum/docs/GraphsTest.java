package io.residuum.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Backend;
import io.residuum.model.Network;
import io.residuum.nn.Layer;
import io.residuum.spec.InputSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.graph.Add;
import io.residuum.spec.graph.LayerGraph;
import io.residuum.spec.graph.LayerNode;
import io.residuum.spec.graph.Use;
import io.residuum.spec.json.SpecJson;
import io.residuum.spec.layers.Conv2d;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The listings of the guide "Graphs of layers". */
class GraphsTest {

    @Test
    void outputsComeByName() {
        String file = Guide.resource("specs/two-heads.json").toString();
        // tag::predict
        try (Backend backend = Backend.open();
                Network network = Network.open(file, backend);
                NDManager manager = backend.newManager()) {
            NDArray boards = manager.zeros(new Shape(5, 3, 8, 8));
            Map<String, NDArray> outputs = network.predictAll(new NDList(boards));
            NDArray policy = outputs.get("policy"); // (5, 73)
            NDArray value = outputs.get("value"); // (5, 3)
            // end::predict
            assertEquals(new Shape(5, 73), policy.getShape());
            assertEquals(new Shape(5, 3), value.getShape());
            // tag::predict
        }
        // end::predict
    }

    @Test
    void streamsKeepTheirShapes() {
        Layer block =
                SpecJson.standard().readModel(Guide.resource("specs/two-streams.json")).newBlock();
        assertEquals(List.of("a", "b"), block.outputNames());
        assertEquals(List.of(new Shape(-1, 10, 32), new Shape(-1, 10, 16)), block.outputShapes());
    }

    @Test
    void inputsHaveNames() {
        Layer block =
                SpecJson.standard().readModel(Guide.resource("specs/two-inputs.json")).newBlock();
        assertEquals(List.of(new Shape(-1, 3, 8, 8), new Shape(-1, 5)), block.inputShapes());
        assertEquals("clock", block.sideInputs().toString());
        assertEquals(new Shape(-1, 3), block.outputShape());
    }

    @Test
    void javaBuildsGraphs() {
        // tag::build
        LayerGraph graph =
                new LayerGraph(
                        List.of(
                                LayerNode.of(Conv2d.of(16, 3).withName("first")),
                                LayerNode.of(Conv2d.of(16, 3).withName("shared")),
                                LayerNode.of(new Use("again", "shared")),
                                LayerNode.of(new Add("sum")).from("first", "shared", "again")));
        InputSpec images = new InputSpec.Image(List.of(3, 32, 32), List.of(), List.of());
        ModelSpec spec = new ModelSpec("my-graph", images, graph);
        // end::build
        assertEquals(new Shape(-1, 16, 32, 32), spec.newBlock().outputShape());
    }
}

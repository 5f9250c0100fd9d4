package io.residuum.emit.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.types.DataType;
import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import io.residuum.graph.trace.Capture;
import io.residuum.nn.Layer;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Operators of ONNX for layers that resample positions. */
class OnnxSpatialTest {
    private static final String NETWORK =
            """
            {"format": "residuum/1", "name": "net",
             "input": {"type": "image", "shape": [4, 8, 8]},
             "network": [
               {"type": "convTranspose2d", "name": "up", "filters": 6, "kernel": [3, 2], "stride": [2, 3],
                "padding": [1, 0], "outputPadding": [1, 2], "dilation": [2, 1], "groups": 2},
               {"type": "resize", "name": "gathered", "scale": 0.6},
               {"type": "resize", "name": "tripled", "scale": 3},
               {"type": "resize", "name": "sized", "size": [5, 7], "mode": "bicubic", "alignCorners": true},
               {"type": "resize", "name": "twice", "scale": 2, "mode": "bilinear"}]}
            """;

    @TempDir private Path folder;

    @Test
    void attributesAreThoseOfTheLayers() throws IOException {
        Layer network = SpecJson.standard().parse(NETWORK, "net", ModelSpec.class).newBlock();
        var data = new Capture.Source(Capture.DATA, network.inputShape(), DataType.FLOAT32);
        Path file = folder.resolve("net.onnx");
        OnnxWriter.write(
                Capture.of(network, List.of(data), false),
                path -> new float[(int) network.namedParameters().get(path).getShape().size()],
                file,
                OnnxWriter.Options.standard());
        GraphProto graph = ModelProto.parseFrom(Files.readAllBytes(file)).getGraph();
        assertEquals(
                Map.of(
                        "kernel_shape", "[3, 2]",
                        "strides", "[2, 3]",
                        "pads", "[1, 0, 1, 0]",
                        "output_padding", "[1, 2]",
                        "dilations", "[2, 1]",
                        "group", "2"),
                attributes(node(graph, "up", "ConvTranspose")));
        // ONNX Runtime divides 3 by 0.6 in float32, and would read pixel 4 instead of 5.
        node(graph, "gathered", "Gather");
        assertEquals("nearest asymmetric", resize(graph, "tripled"));
        assertEquals("cubic align_corners", resize(graph, "sized"));
        assertEquals("linear half_pixel", resize(graph, "twice"));
        assertEquals(3, graph.getNodeList().stream().filter(OnnxSpatialTest::resizes).count());
        assertEquals(
                List.of("scales", "sizes", "scales"),
                graph.getNodeList().stream()
                        .filter(OnnxSpatialTest::resizes)
                        .map(node -> node.getInputCount() == 3 ? "scales" : "sizes")
                        .toList());
    }

    private static boolean resizes(NodeProto node) {
        return node.getOpType().equals("Resize");
    }

    private static NodeProto node(GraphProto graph, String layer, String type) {
        return graph.getNodeList().stream()
                .filter(n -> n.getOpType().equals(type) && n.getName().startsWith(layer + "/"))
                .findFirst()
                .orElseThrow();
    }

    private static String resize(GraphProto graph, String layer) {
        // The last node has the name of the output.
        NodeProto node =
                graph.getNodeList().stream()
                        .filter(n -> resizes(n) && n.getName().startsWith(layer))
                        .findFirst()
                        .orElseThrow();
        Map<String, String> found = attributes(node);
        assertEquals("floor", found.get("nearest_mode"));
        assertEquals("-0.75", found.get("cubic_coeff_a"));
        return found.get("mode") + " " + found.get("coordinate_transformation_mode");
    }

    private static Map<String, String> attributes(NodeProto node) {
        Map<String, String> found = new TreeMap<>();
        for (AttributeProto a : node.getAttributeList()) {
            found.put(
                    a.getName(),
                    switch (a.getType()) {
                        case INTS -> a.getIntsList().toString();
                        case INT -> Long.toString(a.getI());
                        case FLOAT -> Float.toString(a.getF());
                        default -> a.getS().toStringUtf8();
                    });
        }
        return found;
    }
}

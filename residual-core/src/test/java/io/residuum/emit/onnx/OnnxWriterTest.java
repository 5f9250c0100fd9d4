package io.residuum.emit.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto.Dimension;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import io.residuum.graph.DimExpr;
import io.residuum.graph.Dims;
import io.residuum.graph.Graph;
import io.residuum.graph.Leaf;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import io.residuum.graph.trace.Capture;
import io.residuum.nn.Layer;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.weights.quantized.QuantizedFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxWriterTest {
    private static final String NETWORK =
            """
            {"format": "residuum/1", "name": "net",
             "input": {"type": "image", "shape": [3, 8, 8]},
             "network": {"type": "sequential", "layers": [
               {"type": "conv2d", "name": "stem", "filters": 16, "kernel": 3, "padding": 1},
               {"type": "residual", "name": "unit", "shortcut": "identity",
                "branch": [{"type": "conv2d", "name": "conv", "filters": 16, "kernel": 3,
                            "padding": 1, "bias": false}],
                "after": {"norm": "batch", "activation": "gelu"}},
               {"type": "dropout", "rate": 0.5},
               {"type": "globalAveragePool"},
               {"type": "linear", "name": "head", "units": 5}]}}
            """;
    private static final DimExpr N = DimExpr.BATCH;

    private final Layer network =
            SpecJson.standard().parse(NETWORK, "net", ModelSpec.class).newBlock();

    @TempDir private Path folder;

    private Graph capture(boolean training) {
        var data = new Capture.Source(Capture.DATA, network.inputShape(), DataType.FLOAT32);
        return Capture.of(network, List.of(data), training);
    }

    /** Values that tell the parameter and the place. */
    private float[] values(String path) {
        Shape shape = network.namedParameters().get(path).getShape();
        float[] values = new float[Math.toIntExact(shape.size())];
        for (int i = 0; i < values.length; i++) {
            values[i] = path.length() + i / 8f;
        }
        return values;
    }

    private Path file() {
        return folder.resolve("net.onnx");
    }

    private ModelProto write(Graph graph, Function<String, float[]> weights) throws IOException {
        OnnxWriter.write(graph, weights, file(), OnnxWriter.Options.standard());
        return ModelProto.parseFrom(Files.readAllBytes(file()));
    }

    private static float[] floats(byte[] bytes) {
        float[] values = new float[bytes.length / Float.BYTES];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
        return values;
    }

    private static Map<String, TensorProto> initializers(GraphProto graph) {
        return graph.getInitializerList().stream()
                .collect(Collectors.toMap(TensorProto::getName, t -> t));
    }

    private static String shape(ValueInfoProto value) {
        return value.getName()
                + value.getType().getTensorType().getShape().getDimList().stream()
                        .map(OnnxWriterTest::size)
                        .toList();
    }

    private static String size(Dimension size) {
        return size.hasDimParam() ? size.getDimParam() : Long.toString(size.getDimValue());
    }

    @Test
    void theFileSaysWhatTheNetworkReadsComputesAndIs() throws IOException {
        OnnxWriter.Options options =
                OnnxWriter.Options.standard().withMetadata(Map.of("b", "2", "a", "1"));
        Graph captured = capture(false);
        assertEquals(List.of(file()), OnnxWriter.write(captured, this::values, file(), options));
        ModelProto model = ModelProto.parseFrom(Files.readAllBytes(file()));
        assertEquals("Residuum", model.getProducerName());
        assertEquals(17, model.getOpsetImport(0).getVersion());
        assertEquals(
                List.of("a=1", "b=2"),
                model.getMetadataPropsList().stream()
                        .map(p -> p.getKey() + "=" + p.getValue())
                        .toList());
        GraphProto graph = model.getGraph();
        assertEquals("data[batch, 3, 8, 8]", shape(graph.getInput(0)));
        assertEquals("output[batch, 5]", shape(graph.getOutput(0)));
        Map<String, TensorProto> tensors = initializers(graph);
        for (String path : captured.weights()) {
            TensorProto tensor = tensors.get(path);
            assertArrayEquals(values(path), floats(tensor.getRawData().toByteArray()), path);
            long[] dims = network.namedParameters().get(path).getShape().getShape();
            assertArrayEquals(
                    dims, tensor.getDimsList().stream().mapToLong(d -> d).toArray(), path);
        }
    }

    @Test
    void everyValueIsMadeOnceAndAheadOfItsReaders() throws IOException {
        GraphProto graph = write(capture(false), this::values).getGraph();
        Set<String> known = new HashSet<>(Set.of("data"));
        graph.getInitializerList().forEach(t -> assertTrue(known.add(t.getName()), t.getName()));
        Set<String> read = new HashSet<>(Set.of("data"));
        Set<String> nodes = new HashSet<>();
        for (NodeProto node : graph.getNodeList()) {
            assertTrue(nodes.add(node.getName()), node.getName());
            assertTrue(known.containsAll(node.getInputList()), node.getName());
            assertTrue(known.add(node.getOutput(0)), node.getName());
            read.addAll(node.getInputList());
        }
        read.add("output");
        assertEquals(known, read);
        assertTrue(nodes.contains("unit.branch.conv/Conv"), nodes::toString);
    }

    private static Node weight(String path, long... dims) {
        Operation operation = new Leaf.Weight(path);
        return new Node(operation, List.of(), Dims.of(dims), DataType.FLOAT32, "");
    }

    private static Node node(Operation operation, Dims shape, Node... inputs) {
        return new Node(operation, List.of(inputs), shape, DataType.FLOAT32, "layer");
    }

    private static Graph graph(Node output) {
        return Graph.of(List.of(output), List.of(), Map.of());
    }

    private static Node rows(long... sizes) {
        return node(new Leaf.Input("data"), Dims.of(N, sizes));
    }

    @Test
    void matricesOfSequencesAreStoredAsTheFormatMultiplies() throws IOException {
        Node linear = node(new Operation.Linear(), Dims.of(N, 4, 2), rows(4, 3), weight("w", 2, 3));
        GraphProto written =
                write(graph(linear), path -> new float[] {1, 2, 3, 4, 5, 6}).getGraph();
        TensorProto tensor = written.getInitializer(0);
        assertEquals(List.of(3L, 2L), tensor.getDimsList());
        assertArrayEquals(
                new float[] {1, 4, 2, 5, 3, 6}, floats(tensor.getRawData().toByteArray()));
        assertEquals(
                List.of("MatMul"),
                written.getNodeList().stream().map(NodeProto::getOpType).toList());
    }

    @Test
    void aTableThatIsAlsoAHeadIsStoredOnce() throws IOException {
        Node table = weight("table", 5, 3);
        Node ids = new Node(new Leaf.Input("data"), List.of(), Dims.of(N, 4), DataType.INT64, "");
        Node embedded = node(new Operation.Embedding(), Dims.of(N, 4, 3), ids, table);
        Node logits = node(new Operation.Linear(), Dims.of(N, 4, 5), embedded, table);
        GraphProto written = write(graph(logits), path -> new float[15]).getGraph();
        assertEquals(List.of(5L, 3L), written.getInitializer(0).getDimsList());
        assertEquals(1, written.getInitializerCount());
        assertEquals(
                List.of("Gather", "Transpose", "MatMul"),
                written.getNodeList().stream().map(NodeProto::getOpType).toList());
    }

    @Test
    void columnsOfAWeightAreNotFoldedAsRows() throws IOException {
        Node product =
                node(
                        new Operation.Binary(Operation.Arithmetic.MULTIPLY),
                        Dims.of(2, 2),
                        weight("w", 2, 2),
                        weight("g", 2));
        Node linear = node(new Operation.Linear(), Dims.of(N, 2), rows(2), product);
        OnnxWriter.Options options =
                OnnxWriter.Options.standard()
                        .withQuantized(Map.of("other", QuantizedFormat.PER_OUTPUT));
        Function<String, float[]> values =
                path -> path.equals("w") ? new float[] {1, 2, 3, 4} : new float[] {10, 100};
        OnnxWriter.write(graph(linear), values, file(), options);
        GraphProto written = ModelProto.parseFrom(Files.readAllBytes(file())).getGraph();
        // The runtime multiplies each column; 10, 20, 300, 400 would be rows.
        assertArrayEquals(
                new float[] {1, 2, 3, 4},
                floats(initializers(written).get("w").getRawData().toByteArray()));
        assertTrue(initializers(written).containsKey("g"));
    }

    /** A shared layer whose uses have their own norms. */
    @Test
    void aWeightThatIsFoldedTwiceKeepsBothResults() throws IOException {
        Node shared = weight("w", 2, 2);
        Node data = rows(2);
        Function<String, Node> linear =
                factors ->
                        node(
                                new Operation.Linear(),
                                data.shape(),
                                data,
                                node(
                                        new Operation.Binary(Operation.Arithmetic.MULTIPLY),
                                        shared.shape(),
                                        shared,
                                        weight(factors, 2, 1)));
        Node sum =
                node(
                        new Operation.Binary(Operation.Arithmetic.ADD),
                        data.shape(),
                        linear.apply("f"),
                        linear.apply("g"));
        Map<String, float[]> values =
                Map.of(
                        "w", new float[] {1, 2, 3, 4},
                        "f", new float[] {10, 100},
                        "g", new float[] {5, 7});
        OnnxWriter.Options options =
                OnnxWriter.Options.standard()
                        .withQuantized(Map.of("other", QuantizedFormat.PER_OUTPUT));
        OnnxWriter.write(graph(sum), values::get, file(), options);
        GraphProto written = ModelProto.parseFrom(Files.readAllBytes(file())).getGraph();
        Map<String, TensorProto> stored = initializers(written);
        assertArrayEquals(
                new float[] {10, 20, 300, 400}, floats(stored.get("w").getRawData().toByteArray()));
        assertArrayEquals(
                new float[] {1, 2, 3, 4},
                floats(stored.get("w.original").getRawData().toByteArray()));
        NodeProto product =
                written.getNodeList().stream()
                        .filter(n -> n.getOpType().equals("Mul"))
                        .findFirst()
                        .orElseThrow();
        assertEquals(List.of("w.original", "g"), product.getInputList());
        assertArrayEquals(new float[] {1, 2, 3, 4}, values.get("w"), "the caller's array");
    }

    @Test
    void longModelsHaveTheirWeightsBesideThem() throws IOException {
        OnnxWriter.Options options = OnnxWriter.Options.standard().withLimit(0);
        Path data = folder.resolve("net.onnx.data");
        assertEquals(
                List.of(file(), data),
                OnnxWriter.write(capture(false), this::values, file(), options));
        byte[] outside = Files.readAllBytes(data);
        GraphProto graph = ModelProto.parseFrom(Files.readAllBytes(file())).getGraph();
        long end = 0;
        int count = 0;
        for (String path : capture(false).weights()) {
            TensorProto tensor = initializers(graph).get(path);
            byte[] bytes = tensor.getRawData().toByteArray();
            if (tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
                Map<String, String> place =
                        tensor.getExternalDataList().stream()
                                .collect(
                                        Collectors.toMap(
                                                StringStringEntryProto::getKey,
                                                StringStringEntryProto::getValue));
                assertEquals("net.onnx.data", place.get("location"));
                int offset = Integer.parseInt(place.get("offset"));
                int length = Integer.parseInt(place.get("length"));
                assertEquals(0, offset % 4096);
                assertTrue(offset >= end, path);
                assertEquals(0, bytes.length);
                bytes = ByteBuffer.allocate(length).put(outside, offset, length).array();
                end = offset + length;
                count++;
            }
            assertArrayEquals(values(path), floats(bytes), path);
        }
        assertEquals(2, count, "both convolutions have 1024 bytes or more");
        assertEquals(end, outside.length);
    }

    @Test
    void graphsOfTrainingAreRefused() throws IOException {
        Graph training = capture(true);
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> write(training, this::values));
        assertTrue(e.getMessage().contains("captured for inference"), e::getMessage);
        assertTrue(e.getMessage().contains("BatchNorm"), e::getMessage);
        assertTrue(e.getMessage().contains(" at unit"), e::getMessage);
        assertNothingWritten();
    }

    @Test
    void preparedGraphsAreRefused() throws IOException {
        Graph prepared = graph(node(new Leaf.Prepared(0), Dims.of(2)));
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> write(prepared, this::values));
        assertTrue(e.getMessage().contains("Prepared"), e::getMessage);
        assertNothingWritten();
    }

    @Test
    void aWeightOfAnotherSizeLeavesNothingBehind() throws IOException {
        for (long limit : new long[] {0, Integer.MAX_VALUE}) {
            OnnxWriter.Options options = OnnxWriter.Options.standard().withLimit(limit);
            Function<String, float[]> wrong =
                    path -> path.equals("stem.weight") ? new float[7] : values(path);
            IllegalArgumentException e =
                    assertThrows(
                            IllegalArgumentException.class,
                            () -> OnnxWriter.write(capture(false), wrong, file(), options));
            assertEquals("stem.weight (16, 3, 3, 3) must have 432 values, got 7", e.getMessage());
            assertNothingWritten();
        }
    }

    @Test
    void aNodeMayBeSeveralResultsAndAnInputOne() throws IOException {
        Node data = rows(3);
        Node doubled =
                node(new Operation.Scalar(Operation.Arithmetic.MULTIPLY, 2), data.shape(), data);
        Graph graph = Graph.of(List.of(doubled, data, doubled), List.of(), Map.of());
        GraphProto written = write(graph, this::values).getGraph();
        assertEquals(
                List.of("output[batch, 3]", "output2[batch, 3]", "output3[batch, 3]"),
                written.getOutputList().stream().map(OnnxWriterTest::shape).toList());
        assertEquals(
                List.of("Mul data output", "Identity data output2", "Identity output output3"),
                written.getNodeList().stream()
                        .map(n -> n.getOpType() + " " + n.getInput(0) + " " + n.getOutput(0))
                        .toList());
    }

    @Test
    void aSliceWithinTheBatchIsRefused() {
        Node data = rows(3);
        Graph sliced =
                graph(
                        node(
                                new Operation.Slice(0, DimExpr.of(0), DimExpr.of(1), 1),
                                Dims.of(1, 3),
                                data));
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> write(sliced, this::values));
        assertTrue(e.getMessage().contains("a multiple of the batch"), e::getMessage);
        assertFalse(Files.exists(file()));
    }

    @Test
    void aParameterCalledLikeAnInputIsRefused() {
        Node data = rows(2, 3);
        Graph clash =
                graph(
                        node(
                                new Operation.Binary(Operation.Arithmetic.ADD),
                                data.shape(),
                                data,
                                weight("data", 2, 3)));
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> write(clash, this::values));
        assertTrue(e.getMessage().contains("found data twice"), e::getMessage);
    }

    private void assertNothingWritten() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(List.of(), files.toList());
        }
    }
}

package io.residuum.emit.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.DataType;
import io.residuum.graph.Graph;
import io.residuum.graph.Operation;
import io.residuum.graph.rewrite.ConstantFolding;
import io.residuum.graph.rewrite.FoldBatchNorm;
import io.residuum.graph.rewrite.MixedPrecision;
import io.residuum.graph.trace.Capture;
import io.residuum.nn.Layer;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Checks which operations are fused; other tests check their outputs. */
class FusionTest {
    private static final String CONV =
            "{\"type\": \"conv2d\", \"filters\": 3, \"kernel\": 3, \"padding\": 1}";
    private static final String RELU = "{\"type\": \"activation\", \"function\": \"relu\"}";

    private static Graph graph(String input, String layers) {
        String json =
                "{\"format\": \"residuum/1\", \"name\": \"net\", \"input\": {\"type\": \"image\","
                        + " \"shape\": %s}, \"network\": [%s]}";
        Layer net =
                SpecJson.standard()
                        .parse(json.formatted(input, layers), "net", ModelSpec.class)
                        .newBlock();
        var data = new Capture.Source(Capture.DATA, net.inputShape(), DataType.FLOAT32);
        return Capture.of(net, List.of(data), false);
    }

    private static Graph images(String layers) {
        return graph("[3, 8, 8]", layers);
    }

    private static String code(Graph graph) {
        Graph main = ConstantFolding.of(new FoldBatchNorm().apply(graph)).main();
        return TorchCode.forward(
                main, "device", node -> "held", Fusion.of(main, new OneDnnKernels()));
    }

    private static String gpuCode(Graph graph) {
        Graph main = ConstantFolding.of(new FoldBatchNorm().apply(graph)).main();
        return TorchCode.forward(
                main, "device", node -> "held", Fusion.of(main, new CudnnKernels()));
    }

    private static int count(String code, String text) {
        return code.split(Pattern.quote(text), -1).length - 1;
    }

    /** The operations of a method: its lines but the first and the last. */
    private static long statements(String code) {
        return code.lines().filter(line -> line.contains(" = ")).count();
    }

    private static String residual(String branch, String rest) {
        return "{\"type\": \"residual\", \"branch\": [" + branch + "]" + rest + "}";
    }

    @Test
    void aConvolutionTakesItsNormAndActivation() {
        String code = code(images(CONV + ", {\"type\": \"norm\", \"norm\": \"batch\"}, " + RELU));
        assertEquals(1, statements(code), code);
        assertEquals(1, count(code, "\"relu\""), code);
    }

    @Test
    void theLastConvolutionOfABranchTakesTheSumAndTheActivationBehindIt() {
        String unit =
                residual(CONV + "," + RELU + "," + CONV, ", \"after\": {\"activation\": \"relu\"}");
        String code = code(images(unit));
        assertEquals(2, statements(code), code);
        assertEquals(1, count(code, "\"add\", 1.0, \"relu\""), code);
    }

    @Test
    void ofTwoConvolutionsThatMeetOneTakesTheSum() {
        String unit = residual(CONV, ", \"shortcut\": {\"type\": \"projection\"}");
        String code = code(images(unit + "," + unit));
        assertEquals(4, count(code, "_convolution_pointwise("), code);
        assertEquals(2, count(code, "\"add\""), code);
        assertEquals(4, statements(code), code);
    }

    @Test
    void whatOthersReadIsNotTaken() {
        // The shortcut reads the convolution ahead of the unit, which so keeps its value.
        String code = code(images(CONV + "," + residual(RELU + "," + CONV, "")));
        assertEquals(1, count(code, "torch.relu("), code);
        assertEquals(1, count(code, "\"none\""), code);
    }

    /** PyTorch fails to add to images of one pixel or one channel. */
    @Test
    void thinImagesTakeNoSum() {
        String unit = residual(CONV, "");
        assertEquals(1, count(code(images(unit)), "\"add\""));
        assertEquals(0, count(code(graph("[3, 1, 1]", unit)), "\"add\""));
        String one = residual(CONV.replace("\"filters\": 3", "\"filters\": 1"), "");
        assertEquals(0, count(code(graph("[1, 8, 8]", one)), "\"add\""));
    }

    @Test
    void loweredGraphsAreFusedToo() {
        Graph graph =
                new FoldBatchNorm().apply(images(residual(CONV + "," + RELU + "," + CONV, "")));
        Graph main = ConstantFolding.of(new MixedPrecision(DataType.BFLOAT16).apply(graph)).main();
        Fusion fusion = Fusion.of(main, new OneDnnKernels());
        assertEquals(
                2,
                main.nodes().stream().filter(node -> fusion.endingAt(node) != null).count(),
                main::toString);
    }

    @Test
    void weightsThatAreComputedAreNotPacked() {
        Graph graph =
                new FoldBatchNorm()
                        .apply(images(CONV + ", {\"type\": \"norm\", \"norm\": \"batch\"}"));
        Fusion fusion = Fusion.of(graph, new OneDnnKernels());
        boolean computed =
                graph.nodes().stream()
                        .anyMatch(
                                n ->
                                        n.operation() instanceof Operation.Convolution
                                                && !n.input(1).operation().isLeaf());
        assertTrue(computed, graph::toString);
        assertFalse(graph.nodes().stream().anyMatch(n -> fusion.endingAt(n) != null));
    }

    @Test
    void onAGpuConvolutionsTakeBiasSumAndRelu() {
        String bottleneck =
                residual(CONV + "," + RELU + "," + CONV, ", \"after\": {\"activation\": \"relu\"}");
        String code = gpuCode(images(bottleneck));
        assertEquals(2, statements(code), code);
        String geometry = ", held, [1, 1], [1, 1], [1, 1], 1)";
        assertEquals(1, count(code, "torch.cudnn_convolution_relu(data, held" + geometry), code);
        assertEquals(
                1,
                count(code, "torch.cudnn_convolution_add_relu(_0, held, data, 1.0" + geometry),
                code);
    }

    /** cuDNN has no sum without ReLU, and groups have faster kernels. */
    @Test
    void onAGpuOtherConvolutionsStay() {
        String grouped = CONV.replace("\"kernel\"", "\"groups\": 3, \"kernel\"");
        String code = gpuCode(images(residual(CONV, "") + "," + grouped + "," + RELU + "," + CONV));
        assertEquals(0, count(code, "cudnn"), code);
        assertEquals(3, count(code, "torch.conv2d("), code);
        assertEquals(1, count(code, "torch.relu("), code);
    }
}

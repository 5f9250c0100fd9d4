package io.residuum.graph.rewrite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.graph.DimExpr;
import io.residuum.graph.Dims;
import io.residuum.graph.Graph;
import io.residuum.graph.Leaf;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import io.residuum.graph.SymbolicDim;
import io.residuum.graph.trace.Capture;
import io.residuum.nn.ActivationBlock;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.spec.layers.ActivationSpec;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

/** Checks the rewritten graphs; the contracts of blocks check their outputs. */
class RewriteTest {
    private static final int LENGTH = 5;

    private static Graph capture(Layer layer) {
        var data = new Capture.Source(Capture.DATA, layer.inputShape(), DataType.FLOAT32);
        return Capture.of(layer, List.of(data), false);
    }

    private static Graph vision(String layers) {
        String json =
                "{\"format\": \"residuum/1\", \"name\": \"net\", \"input\": {\"type\": \"image\","
                        + " \"shape\": [3, 8, 8]}, \"network\": [%s]}";
        return capture(
                SpecJson.standard()
                        .parse(json.formatted(layers), "net", ModelSpec.class)
                        .newBlock());
    }

    private static final String CONV =
            "{\"type\": \"conv2d\", \"filters\": 3, \"kernel\": 3, \"padding\": 1}";
    private static final String NORM = "{\"type\": \"norm\", \"norm\": \"batch\"}";

    @Test
    void foldsNormsBehindConvolutions() {
        Graph folded =
                new FoldBatchNorm().apply(vision(CONV + "," + NORM + "," + CONV + "," + NORM));
        assertFalse(folded.counts().containsKey("BatchNorm"), folded::toString);
        assertEquals(2, folded.counts().get("Convolution"));
        Graph main = ConstantFolding.of(folded).main();
        assertEquals(Map.of("Convolution", 2), main.counts(), "all else is prepared");
        assertEquals(4, ConstantFolding.of(folded).preparation().outputs().size());
    }

    @Test
    void keepsNormsAheadOfConvolutions() {
        Graph graph = new FoldBatchNorm().apply(vision(NORM + "," + CONV));
        assertEquals(1, graph.counts().get("BatchNorm"));
    }

    /** A unit of RepVGG, whose three branches are one convolution. */
    @Test
    void mergesBranchesOfRepVgg() {
        String unit =
                """
                {"type": "residual", "shortcut": "normalized", "after": {"activation": "relu"},
                 "branch": [{"type": "parallel", "layers": [
                     [%s, %s], [{"type": "conv2d", "filters": 3, "kernel": 1}, %s]]}]}
                """
                        .formatted(CONV, NORM, NORM);
        Graph folded = new FoldBatchNorm().apply(vision(unit + "," + unit));
        assertEquals(4, folded.counts().get("Convolution"));
        Graph main = ConstantFolding.of(new MergeConvolutions().apply(folded)).main();
        assertEquals(2, main.counts().get("Convolution"), main::toString);
        assertEquals(4, main.counts().values().stream().mapToInt(Integer::intValue).sum());
    }

    @Test
    void mergesOnlyConvolutionsOfOneInputAndGeometry() {
        String parallel = "{\"type\": \"parallel\", \"layers\": [%s, %s]}";
        String grouped = CONV.replace("}", ", \"groups\": 3}");
        Graph groups = new MergeConvolutions().apply(vision(parallel.formatted(CONV, grouped)));
        assertEquals(2, groups.counts().get("Convolution"), groups::toString);
        String dilated = CONV.replace("\"padding\": 1", "\"padding\": 2, \"dilation\": 2");
        Graph steps = new MergeConvolutions().apply(vision(parallel.formatted(CONV, dilated)));
        assertEquals(2, steps.counts().get("Convolution"), steps::toString);
        String residual =
                "{\"type\": \"residual\", \"branch\": [%s, %s], \"shortcut\": \"projection\"}"
                        .formatted(CONV, CONV);
        Graph inputs = new FoldBatchNorm().apply(vision(residual));
        assertEquals(3, new MergeConvolutions().apply(inputs).counts().get("Convolution"));
    }

    private static final class Own extends Layer {
        private final BiFunction<ForwardPass, NDArray, NDArray> function;

        Own(BiFunction<ForwardPass, NDArray, NDArray> function) {
            super(new Shape(-1, LENGTH, 4));
            this.function = function;
        }

        @Override
        protected NDArray compute(ForwardPass pass, NDArray x) {
            return function.apply(pass, x);
        }
    }

    @Test
    void recognizesGelu() {
        Graph graph = capture(new Own((pass, x) -> ActivationBlock.geluTanh(x)));
        assertEquals(Map.of("GeluTanh", 1), new RecognizeActivations().apply(graph).counts());
    }

    @Test
    void recognizesHardActivations() {
        Map<String, ActivationSpec> expected =
                Map.of(
                        "Relu6", new ActivationSpec.Relu6(),
                        "HardSigmoid", new ActivationSpec.HardSigmoid(),
                        "HardSwish", new ActivationSpec.HardSwish());
        expected.forEach(
                (name, spec) -> {
                    Graph graph = capture(spec.newBlock(new Shape(-1, LENGTH)));
                    assertEquals(Map.of(name, 1), new RecognizeActivations().apply(graph).counts());
                });
    }

    @Test
    void channelGatesBecomeConvolutions() {
        Graph gate = vision("{\"type\": \"squeezeExcitation\", \"reduction\": 1}");
        Map<String, Integer> counts = new ChannelGatesAsConvolutions().apply(gate).counts();
        assertEquals(2, counts.get("Convolution"));
        assertFalse(counts.containsKey("Linear"));
    }

    @Test
    void groupsOfChannelsAsRowsStayLinear() {
        Node image = node(new Leaf.Input("data"), Dims.of(DimExpr.BATCH, 4, 1, 1));
        Dims rows = Dims.of(DimExpr.of(SymbolicDim.BATCH).times(2), 2);
        Node matrix = node(new Operation.Reshape(), rows, image);
        Node weight = node(new Leaf.Weight("w"), Dims.of(2, 2));
        Node linear = node(new Operation.Linear(), rows, matrix, weight);
        DimExpr one = DimExpr.of(1);
        Node output = node(new Operation.Reshape(), rows.add(one).add(one), linear);
        Graph graph = Graph.of(List.of(output), List.of(), Map.of());
        assertEquals(graph.counts(), new ChannelGatesAsConvolutions().apply(graph).counts());
    }

    private static Node node(Operation operation, Dims shape, Node... inputs) {
        return new Node(operation, List.of(inputs), shape, DataType.FLOAT32, "");
    }

    private static NDArray attention(ForwardPass pass, NDArray x, float after, float before) {
        float[] bias = new float[LENGTH * LENGTH];
        for (int q = 0; q < LENGTH; q++) {
            for (int k = 0; k < LENGTH; k++) {
                bias[q * LENGTH + k] = k > q ? after : before;
            }
        }
        NDArray hidden = pass.manager().create(bias, new Shape(1, LENGTH, LENGTH));
        NDArray scores = pass.ops().batchedProductTransposed(x.mul(0.5), x).add(hidden);
        return pass.ops().batchedProduct(scores.softmax(2), x);
    }

    @Test
    void recognizesCausalAttention() {
        Graph graph = capture(new Own((pass, x) -> attention(pass, x, -1e9f, 0)));
        Graph rewritten = new RecognizeAttention().apply(graph);
        Operation operation = rewritten.outputs().get(0).operation();
        assertEquals(new Operation.Attention(0.5, true, 0), operation);
        assertEquals(3, rewritten.outputs().get(0).inputs().size());
    }

    @Test
    void takesDropoutIn() {
        Own dropping =
                new Own(
                        (pass, x) -> {
                            NDArray scores = pass.ops().batchedProductTransposed(x, x);
                            NDArray weights = pass.ops().dropout(scores.softmax(2), 0.25f);
                            return pass.ops().batchedProduct(weights, x);
                        });
        Graph rewritten = new RecognizeAttention().apply(capture(dropping));
        assertEquals(
                new Operation.Attention(1, false, 0.25), rewritten.outputs().get(0).operation());
    }

    @Test
    void keepsAnotherBias() {
        for (float[] bias : new float[][] {{-1, 0}, {-1e9f, 1}, {0, -1e9f}}) {
            Graph graph = capture(new Own((pass, x) -> attention(pass, x, bias[0], bias[1])));
            Graph rewritten = new RecognizeAttention().apply(graph);
            Operation operation = rewritten.outputs().get(0).operation();
            assertEquals(new Operation.Attention(0.5, false, 0), operation);
            assertEquals(4, rewritten.outputs().get(0).inputs().size());
        }
    }

    @Test
    void leavesWeightsThatAreReadElsewhere() {
        Graph graph =
                capture(
                        new Own(
                                (pass, x) -> {
                                    NDArray weights =
                                            pass.ops().batchedProductTransposed(x, x).softmax(2);
                                    NDArray seen = pass.ops().batchedProduct(weights, x);
                                    return seen.add(weights.sum(new int[] {2}, true));
                                }));
        assertTrue(new RecognizeAttention().apply(graph).counts().containsKey("Softmax"));
    }

    private static String shortcutA(int stride) {
        return """
        {"type": "residual", "branch": [{"type": "conv2d", "filters": 7, "kernel": 3,
         "padding": 1, "stride": %d}], "shortcut": {"type": "zeroPad"}}
        """
                .formatted(stride);
    }

    @Test
    void padsChannelsByAConvolution() {
        for (int stride : new int[] {1, 2}) {
            Graph graph = new PadAsConvolution().apply(vision(shortcutA(stride)));
            assertEquals(Map.of("Convolution", 2, "Add", 1), graph.counts(), graph::toString);
            double[] ones =
                    graph.nodes().stream()
                            .filter(n -> n.operation() instanceof Leaf.Constant)
                            .map(n -> ((Leaf.Constant) n.operation()).values())
                            .findFirst()
                            .orElseThrow();
            assertEquals(7 * 3, ones.length);
            for (int i = 0; i < ones.length; i++) {
                assertEquals(i / 3 == i % 3 + 2 ? 1 : 0, ones[i], "two channels of zeros first");
            }
        }
    }

    @Test
    void padsNothingElseByAConvolution() {
        Own sum =
                new Own(
                        (pass, x) ->
                                x.reshape(-1, LENGTH, 4, 1).concat(x.reshape(-1, LENGTH, 4, 1), 1));
        Graph graph = capture(sum);
        assertEquals(graph.counts(), new PadAsConvolution().apply(graph).counts());
    }

    /** Splits heads and merges them again. */
    private static Own heads(int tokens) {
        return new Own(
                (pass, x) ->
                        x.reshape(-1, tokens, LENGTH * 4 / tokens / 2, 2)
                                .transpose(0, 2, 1, 3)
                                .reshape(-1, tokens, 2));
    }

    @Test
    void mergesReshapesOfOneToken() {
        Graph one = new MergeReshapes().apply(capture(heads(1)));
        assertEquals(Map.of("Reshape", 1), one.counts(), one::toString);
        Graph several = capture(heads(2));
        assertEquals(several.counts(), new MergeReshapes().apply(several).counts());
        Graph back =
                capture(new Own((pass, x) -> x.reshape(-1, LENGTH * 4).reshape(-1, LENGTH, 4)));
        assertEquals(Map.of(), new MergeReshapes().apply(back).counts());
    }
}

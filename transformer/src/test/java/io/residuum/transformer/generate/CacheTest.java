package io.residuum.transformer.generate;

import static io.residuum.testing.Tensors.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.compile.CompileOptions;
import io.residuum.compile.ComputeType;
import io.residuum.emit.RuntimeChoice;
import io.residuum.engine.EngineChoice;
import io.residuum.graph.Graph;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import io.residuum.graph.WriteLast;
import io.residuum.graph.rewrite.MixedPrecision;
import io.residuum.graph.rewrite.Pass;
import io.residuum.graph.rewrite.RecognizeAttention;
import io.residuum.graph.trace.Capture;
import io.residuum.graph.trace.DecodeStep;
import io.residuum.model.Network;
import io.residuum.nn.ArrayCache;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import io.residuum.testing.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A sequence computed piece by piece equals one computed at once. */
class CacheTest {
    private static final int VOCABULARY = 13;
    private static final int LENGTH = 9;
    private static final double TOLERANCE = 2e-5;

    /** Parts of attention, positions and blocks that a cache must not change. */
    private static final List<String> MODELS =
            List.of(
                    model("", "", ""),
                    model("", "'positions': 'sinusoidal',", ""),
                    model("'position': {'type': 'rotary'},", "'positions': 'none',", ""),
                    model(
                            "'position': {'type': 'rotary', 'interleaved': true}, 'kvHeads': 2,",
                            "'positions': 'none',",
                            "'norm': 'rms',"),
                    model("'position': 'alibi',", "'positions': 'none',", ""),
                    model("'window': 3, 'softCap': 5,", "", ""),
                    model("'window': 2, 'position': 'alibi', 'kvHeads': 1,", "", ""),
                    model("'queryKeyNorm': 'rms', 'projection': {'fused': false},", "", ""),
                    model("'sinks': true, 'kvHeads': 2,", "", ""),
                    model(
                            "'sharedValues': true, 'kvHeads': 1, 'sinks': true,"
                                    + " 'position': {'type': 'rotary', 'interleaved': true},",
                            "'positions': 'none',",
                            ""),
                    model(
                            "'sharedValues': true, 'position': 'rotary', 'maps': {'queries':"
                                    + " [{'type': 'linear', 'units': 5}, {'type': 'norm', 'norm':"
                                    + " {'type': 'rms', 'affine': false}}, {'type': 'linear',"
                                    + " 'units': 16}]},",
                            "'positions': 'none',",
                            ""),
                    model("'talkingHeads': true,", "", "'placement': 'post',"),
                    model("", "", "'placement': 'parallel',"),
                    model(
                            "'position': {'type': 'rotary', 'interleaved': true, 'width': 2},",
                            "'positions': 'none',",
                            "'placement': {'type': 'parallel', 'norms': 2},"),
                    model(
                            "'sharedValues': true, 'kvHeads': 1, 'position':"
                                    + " {'type': 'rotary', 'interleaved': true, 'width': 2},",
                            "'positions': 'none',",
                            ""),
                    model(
                            "'position': {'type': 'rotary', 'scaling':"
                                    + " {'type': 'yarn', 'factor': 4, 'length': 4}},",
                            "'positions': 'none', 'scale': 4,",
                            "'placement': 'sandwich', 'norm': {'type': 'rms', 'offset': 1},"
                                    + " 'exceptions': [{'blocks': [1], 'window': 3}],"),
                    model(
                            "'position': {'type': 'relative', 'buckets': 4, 'maxDistance': 5},",
                            "'positions': 'none',",
                            ""),
                    model(
                            "'position': {'type': 'relative', 'perBlock': true}, 'kvHeads': 2,",
                            "'positions': 'none',",
                            "'placement': 'parallel', 'exceptions': [{'blocks': [1], 'window':"
                                    + " 3}],"),
                    model(
                            "'position': {'type': 'alibi', 'scale': 0.5},",
                            "'positions': 'none',",
                            "'norm': {'type': 'layer', 'bias': false},"),
                    model(
                            "",
                            "",
                            "'stream': {'type': 'manifoldHyperConnections', 'streams': 2,"
                                    + " 'iterations': 2},"),
                    model("", "", "'stream': {'type': 'denseFormer'},"),
                    model(
                            "'kvHeads': 2,",
                            "",
                            "'stream': {'type': 'valueResidual', 'init': 0.5},"));

    private static final String TRANSLATOR =
            """
            {'format': 'residuum/1', 'name': 'small', 'input': {'type': 'tokens', 'length': 9, 'vocabulary': 13},
             'network': {'type': 'encoderDecoder', 'vocabulary': 13, 'width': 16, 'depth': 2, 'heads': 4, 'mlpWidth': 24}}
            """
                    .replace('\'', '"');

    private static String model(String attention, String embedding, String blocks) {
        return """
        {'format': 'residuum/1', 'name': 'small', 'input': {'type': 'tokens', 'length': 9, 'vocabulary': 13},
         'network': {'type': 'sequential', 'layers': [
           {'type': 'tokenEmbedding', 'name': 'embedding', %s 'vocabulary': 13, 'width': 16},
           {'type': 'transformerBlocks', 'name': 'blocks', %s 'depth': 2,
            'attention': {%s 'heads': 4, 'causal': true}, 'feedForward': {'ratio': 2}},
           {'type': 'linear', 'name': 'head', 'units': 13}]}}
        """
                .formatted(embedding, blocks, attention)
                .replace('\'', '"');
    }

    private static ModelSpec spec(String json) {
        return SpecJson.standard().parse(json, "a test", ModelSpec.class);
    }

    private static Network network(String json, EngineChoice engine) {
        return Nets.shaken(spec(json), Engines.backend(engine), DataType.FLOAT32);
    }

    private static NDArray ids(NDManager manager, long[]... rows) {
        long[] all = Arrays.stream(rows).flatMapToLong(Arrays::stream).toArray();
        return manager.create(all, new Shape(rows.length, rows[0].length));
    }

    private static double[] next(Network network, ArrayCache cache, NDList inputs) {
        NDArray y = network.predictNext(inputs, cache);
        assertEquals(new Shape(inputs.head().getShape().get(0), 1, VOCABULARY), y.getShape());
        return Tensors.values(y);
    }

    @EachEngine
    void positionsInPartsAreThoseAtOnce(EngineChoice engine) {
        long[][] rows = {{3, 1, 4, 1, 5, 9, 2, 6, 12}, {0, 11, 8, 2, 8, 1, 8, 2, 10}};
        for (String json : MODELS) {
            try (Network network = network(json, engine);
                    NDManager manager = network.backend().newManager();
                    ArrayCache cache = new ArrayCache(manager)) {
                double[] all = Tensors.values(network.predict(new NDList(ids(manager, rows))));
                int from = 0;
                for (int part : new int[] {3, 1, 1, 4}) {
                    int begin = from;
                    int end = from + part;
                    long[][] some =
                            Arrays.stream(rows)
                                    .map(r -> Arrays.copyOfRange(r, begin, end))
                                    .toArray(long[][]::new);
                    double[] found = next(network, cache, new NDList(ids(manager, some)));
                    double[] expected =
                            IntStream.range(0, 2 * VOCABULARY)
                                    .mapToDouble(
                                            i ->
                                                    all[
                                                            (i / VOCABULARY * LENGTH + end - 1)
                                                                            * VOCABULARY
                                                                    + i % VOCABULARY])
                                    .toArray();
                    assertClose(expected, found, TOLERANCE, json + " up to " + end);
                    from = end;
                }
                assertEquals(LENGTH, cache.length());
            }
        }
    }

    @EachEngine
    void paddingInFrontChangesNothing(EngineChoice engine) {
        int[] longer = {3, 1, 4, 1, 5, 9};
        int[] shorter = {2, 7};
        for (String json : MODELS) {
            try (Network network = network(json, engine)) {
                for (boolean cached : new boolean[] {true, false}) {
                    try (ContextWindow both = window(network, cached, longer, shorter);
                            ContextWindow first = window(network, false, longer);
                            ContextWindow second = window(network, false, shorter)) {
                        for (int token : new int[] {8, 5, 12}) {
                            double[] expected =
                                    concat(values(first.logits()), values(second.logits()));
                            assertClose(expected, values(both.logits()), TOLERANCE, json);
                            both.append(new int[] {token, token});
                            first.append(new int[] {token});
                            second.append(new int[] {token});
                        }
                    }
                }
            }
        }
    }

    @EachEngine
    void sequencesThatJoinAreThoseAlone(EngineChoice engine) {
        int[][] prompts = {{3, 1}, {2}, {9, 5, 8, 7, 4, 1}, {6, 12, 0}};
        for (String json : MODELS) {
            try (Network network = network(json, engine);
                    ContextWindow together = window(network, true)) {
                List<int[]> tokens = new ArrayList<>();
                for (int[] prompt : prompts) {
                    // The third is longer than those before, the fourth is shorter.
                    tokens.add(prompt);
                    assertClose(
                            alone(network, prompt),
                            values(together.add(prompt)),
                            TOLERANCE,
                            json + " joins as " + tokens.size());
                    int[] next = tokens.stream().mapToInt(t -> (t[0] + 2) % VOCABULARY).toArray();
                    together.append(next);
                    tokens.replaceAll(t -> with(t, (t[0] + 2) % VOCABULARY));
                    double[] expected =
                            tokens.stream()
                                    .map(t -> alone(network, t))
                                    .reduce(new double[0], CacheTest::concat);
                    assertClose(expected, values(together.logits()), TOLERANCE, json);
                }
                together.select(3, 1);
                together.append(1, 2);
                double[] expected =
                        concat(
                                alone(network, with(tokens.get(3), 1)),
                                alone(network, with(tokens.get(1), 2)));
                assertClose(expected, values(together.logits()), TOLERANCE, json + " left");
            }
        }
    }

    private static int[] with(int[] tokens, int next) {
        int[] more = Arrays.copyOf(tokens, tokens.length + 1);
        more[tokens.length] = next;
        return more;
    }

    private static double[] alone(Network network, int... tokens) {
        try (ContextWindow window = window(network, false, tokens)) {
            return values(window.logits());
        }
    }

    private static ContextWindow window(Network network, boolean cached, int[]... prompts) {
        return window(network, cached, DataType.FLOAT32, prompts);
    }

    private static ContextWindow window(
            Network network, boolean cached, DataType type, int[]... prompts) {
        return new ContextWindow(network, LENGTH, List.of(prompts), List.of(), cached, type);
    }

    private static double[] values(float[] floats) {
        return IntStream.range(0, floats.length).mapToDouble(i -> floats[i]).toArray();
    }

    private static double[] concat(double[] a, double[] b) {
        double[] all = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, all, a.length, b.length);
        return all;
    }

    /** Keys and values of 11 bits change results by about as much, and take half the memory. */
    @EachEngine
    void halfACacheIsNear(EngineChoice engine) {
        for (String json : MODELS) {
            try (Network network = network(json, engine);
                    NDManager manager = network.backend().newManager();
                    ArrayCache cache = new ArrayCache(manager, 0, DataType.FLOAT16);
                    ArrayCache whole = new ArrayCache(manager)) {
                NDList begin =
                        new NDList(ids(manager, new long[] {3, 1, 4}, new long[] {0, 11, 8}));
                double error = relative(next(network, whole, begin), next(network, cache, begin));
                for (int token : new int[] {8, 5, 12}) {
                    NDList one =
                            new NDList(ids(manager, new long[] {token}, new long[] {token / 2}));
                    error =
                            Math.max(
                                    error,
                                    relative(next(network, whole, one), next(network, cache, one)));
                }
                assertTrue(error > 0 && error < 2e-3, error + " " + json);
                assertEquals(whole.shapes(), cache.shapes());
                assertEquals(2 * cache.bytes(), whole.bytes());
            }
        }
    }

    /** Texts that join and leave, as continuous batching lets them. */
    @EachEngine
    void halvesJoin(EngineChoice engine) {
        try (Network network = network(MODELS.get(3), engine);
                Network plain = network(MODELS.get(3), engine)) {
            List<String> notes = new ArrayList<>();
            network.compile(CompileOptions.DEFAULT, notes::add);
            try (ContextWindow half = window(network, true, DataType.FLOAT16);
                    ContextWindow whole = window(plain, true)) {
                for (int[] prompt : new int[][] {{3, 1}, {2}, {9, 5, 8, 7}}) {
                    double error = relative(values(whole.add(prompt)), values(half.add(prompt)));
                    assertTrue(error < 2e-3, () -> "joins with " + error);
                }
                half.append(4, 5, 6);
                whole.append(4, 5, 6);
                assertTrue(relative(values(whole.logits()), values(half.logits())) < 2e-3);
                half.select(2, 0);
                whole.select(2, 0);
                half.append(7, 8);
                whole.append(7, 8);
                assertTrue(relative(values(whole.logits()), values(half.logits())) < 2e-3);
            }
            assertEquals(List.of(), notes);
        }
    }

    /** Attention reads a cache in the type of a program, and does not convert others to it. */
    @EachEngine
    void attentionReadsTheTypeOfTheCache(EngineChoice engine) {
        assertEquals(DataType.FLOAT16, attention(engine, DataType.FLOAT16, DataType.FLOAT16));
        assertEquals(DataType.FLOAT32, attention(engine, DataType.FLOAT32, DataType.FLOAT16));
        assertEquals(DataType.FLOAT32, attention(engine, DataType.FLOAT16, DataType.BFLOAT16));
    }

    private static DataType attention(EngineChoice engine, DataType stored, DataType compute) {
        try (Network network = network(MODELS.get(0), engine);
                NDManager manager = network.backend().newManager();
                ArrayCache cache = new ArrayCache(manager, 0, stored)) {
            next(network, cache, new NDList(ids(manager, new long[] {3, 1, 4})));
            Shape one = new Shape(-1, 1);
            Capture.Source data = new Capture.Source(Capture.DATA, one, DataType.INT64);
            Graph step = DecodeStep.of(network.block(), List.of(data), cache).graph();
            List<Pass> passes = List.of(new RecognizeAttention(), new MixedPrecision(compute));
            List<Node> found =
                    Pass.all(passes, step).nodes().stream()
                            .filter(node -> node.operation() instanceof Operation.Attention)
                            .toList();
            assertEquals(2, found.size());
            for (Node node : found) {
                assertEquals(node.type(), node.input(1).type());
                if (stored == compute) {
                    assertTrue(readsCache(node.input(1)), "a copy of the cache is read");
                }
            }
            return found.get(0).type();
        }
    }

    /** Returns true for a cache, possibly reshaped, without a cast. */
    private static boolean readsCache(Node node) {
        return node.operation() instanceof WriteLast
                || !(node.operation() instanceof Operation.Cast) && readsCache(node.input(0));
    }

    @Test
    void onlyTypesOfEnginesAreStored() {
        try (NDManager manager = Engines.backend(Engines.all().get(0)).newManager()) {
            String message =
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () -> new ArrayCache(manager, 0, DataType.BFLOAT16))
                            .getMessage();
            assertTrue(message.contains("float32 or float16, got bfloat16"), message);
        }
    }

    @EachEngine
    void aDecoderReadsItsSourceOnce(EngineChoice engine) {
        try (Network network = network(TRANSLATOR, engine);
                NDManager manager = network.backend().newManager();
                ArrayCache cache = new ArrayCache(manager)) {
            NDArray source = ids(manager, new long[] {7, 8, 9, 10, 11});
            source.setName("source");
            long[] row = {3, 1, 4, 1};
            double[] all = Tensors.values(network.predict(new NDList(ids(manager, row), source)));
            double[] begin =
                    next(network, cache, new NDList(ids(manager, Arrays.copyOf(row, 3)), source));
            double[] end = next(network, cache, new NDList(ids(manager, new long[] {row[3]})));
            assertClose(part(all, 2), begin, TOLERANCE, "with the source");
            assertClose(part(all, 3), end, TOLERANCE, "without it");
        }
    }

    private static double[] part(double[] all, int position) {
        return Arrays.copyOfRange(all, position * VOCABULARY, (position + 1) * VOCABULARY);
    }

    @EachEngine
    void compiledStepsAreThoseOfTheNetwork(EngineChoice engine) {
        compiledStepsAreThoseOfTheNetwork(engine, RuntimeChoice.ENGINE, DataType.FLOAT32);
        compiledStepsAreThoseOfTheNetwork(engine, RuntimeChoice.ENGINE, DataType.FLOAT16);
    }

    @EachEngine
    void stepsOnOnnxRuntimeAreThoseOfTheNetwork(EngineChoice engine) {
        for (DataType type : List.of(DataType.FLOAT32, DataType.FLOAT16)) {
            compiledStepsAreThoseOfTheNetwork(engine, RuntimeChoice.ONNXRUNTIME, type);
        }
        compiledStepsAreThoseOfTheNetwork(engine, RuntimeChoice.AUTO, DataType.FLOAT32);
    }

    private static void compiledStepsAreThoseOfTheNetwork(
            EngineChoice engine, RuntimeChoice runtime, DataType type) {
        int[][] prompts = {{3, 1, 4}, {2}};
        // The last bit before rounding may decide between neighbours of float16.
        double tolerance = type == DataType.FLOAT16 ? 1e-3 : TOLERANCE;
        for (String json : MODELS) {
            for (boolean padded : new boolean[] {false, true}) {
                List<String> notes = new ArrayList<>();
                try (Network network = network(json, engine);
                        Network plain = network(json, engine)) {
                    network.compile(CompileOptions.DEFAULT.withRuntime(runtime), notes::add);
                    int[][] begun = padded ? prompts : Arrays.copyOf(prompts, 1);
                    try (ContextWindow compiled = window(network, true, type, begun);
                            ContextWindow itself = window(plain, true, type, begun)) {
                        for (int token : new int[] {8, 5, 12, 0, 7}) {
                            assertClose(
                                    values(itself.logits()),
                                    values(compiled.logits()),
                                    tolerance,
                                    json);
                            int[] next = new int[begun.length];
                            Arrays.fill(next, token);
                            compiled.append(next);
                            itself.append(next);
                        }
                    }
                }
                assertEquals(List.of(), notes, json);
            }
        }
    }

    /** Counts the forward passes that compute it. */
    private record Counting(AtomicInteger passes) implements LayerSpec {
        @Override
        public String name() {
            return "counting";
        }

        @Override
        public Layer newBlock(Shape input) {
            return new Layer(input) {
                @Override
                protected NDArray compute(ForwardPass pass, NDArray x) {
                    passes.incrementAndGet();
                    return x;
                }
            };
        }
    }

    private static Network counted(String json, EngineChoice engine, AtomicInteger passes) {
        ModelSpec spec = spec(json);
        ModelSpec counted =
                new ModelSpec(
                        spec.format(),
                        spec.name(),
                        spec.input(),
                        new Sequential("", new Counting(passes), spec.network()),
                        spec.adapters());
        return Nets.shaken(counted, Engines.backend(engine), DataType.FLOAT32);
    }

    @EachEngine
    void compiledPromptsAreThoseOfTheNetwork(EngineChoice engine) {
        int[][][] padded = {
            {{3, 1, 4}, {2}},
            {{1, 5, 9}, {2, 6}},
            {{5, 3, 5}, {8, 9}},
            {{9}, {3, 2, 3}},
            {{8, 4, 6}, {2, 6}}
        };
        int[][][] even = {{{3, 1}}, {{4, 1}}, {{5, 9}}, {{2, 6}}, {{5, 3}}};
        for (String json : MODELS) {
            for (RuntimeChoice runtime :
                    new RuntimeChoice[] {RuntimeChoice.AUTO, RuntimeChoice.ONNXRUNTIME}) {
                compiledPromptsAreThoseOfTheNetwork(engine, json, runtime, padded);
                compiledPromptsAreThoseOfTheNetwork(engine, json, runtime, even);
            }
        }
    }

    /** The last prompts must not run operation by operation. */
    private static void compiledPromptsAreThoseOfTheNetwork(
            EngineChoice engine, String json, RuntimeChoice runtime, int[][][] prompts) {
        List<String> notes = new ArrayList<>();
        AtomicInteger passes = new AtomicInteger();
        try (Network network = counted(json, engine, passes);
                Network plain = counted(json, engine, new AtomicInteger())) {
            network.compile(CompileOptions.DEFAULT.withRuntime(runtime), notes::add);
            for (int[][] prompt : prompts) {
                int before = passes.get();
                try (ContextWindow compiled = window(network, true, prompt);
                        ContextWindow itself = window(plain, true, prompt)) {
                    double[] expected = values(itself.logits());
                    double[] found = values(compiled.logits());
                    assertClose(expected, found, TOLERANCE, json);
                    if (prompt == prompts[prompts.length - 1]) {
                        assertEquals(before, passes.get(), "passes of " + json);
                    }
                    int[] next = new int[prompt.length];
                    compiled.append(next);
                    itself.append(next);
                    expected = values(itself.logits());
                    assertClose(expected, values(compiled.logits()), TOLERANCE, json + " then");
                }
            }
        }
        assertEquals(List.of(), notes, json);
    }

    @EachEngine
    void aCompiledPastGrows(EngineChoice engine) {
        aCompiledPastGrows(engine, MODELS.get(5), RuntimeChoice.ENGINE);
        aCompiledPastGrows(engine, MODELS.get(8), RuntimeChoice.ENGINE);
    }

    @EachEngine
    void stepsGoOnAfterARuntimeIsChosen(EngineChoice engine) {
        aCompiledPastGrows(engine, MODELS.get(5), RuntimeChoice.AUTO);
    }

    private static void aCompiledPastGrows(
            EngineChoice engine, String model, RuntimeChoice runtime) {
        String json = model.replace("\"length\": 9", "\"length\": 300");
        List<String> notes = new ArrayList<>();
        try (Network network = network(json, engine);
                Network plain = network(json, engine)) {
            network.compile(CompileOptions.DEFAULT.withRuntime(runtime), notes::add);
            try (ContextWindow compiled =
                            new ContextWindow(
                                    network, 300, prompt(), List.of(), true, DataType.FLOAT32);
                    ContextWindow itself =
                            new ContextWindow(
                                    plain, 300, prompt(), List.of(), true, DataType.FLOAT32)) {
                for (int i = 0; i < 140; i++) {
                    double[] expected = values(itself.logits());
                    assertClose(expected, values(compiled.logits()), TOLERANCE, i + " tokens");
                    compiled.append(new int[] {i % VOCABULARY});
                    itself.append(new int[] {i % VOCABULARY});
                }
            }
        }
        assertEquals(List.of(), notes);
    }

    private static List<int[]> prompt() {
        return List.of(new int[] {1, 2});
    }

    @Test
    void compiledStepsComputeIn16Bits() {
        for (DataType cache : List.of(DataType.FLOAT32, DataType.FLOAT16)) {
            compiledStepsComputeIn16Bits(cache);
        }
    }

    private static void compiledStepsComputeIn16Bits(DataType cache) {
        for (ComputeType type : new ComputeType[] {ComputeType.BFLOAT16, ComputeType.FLOAT16}) {
            for (String json : MODELS) {
                List<String> notes = new ArrayList<>();
                try (Network network = network(json, EngineChoice.PYTORCH);
                        Network plain = network(json, EngineChoice.PYTORCH)) {
                    network.compile(CompileOptions.of(type), notes::add);
                    int[] prompt = {3, 1, 4};
                    try (ContextWindow compiled = window(network, true, cache, prompt);
                            ContextWindow itself = window(plain, true, cache, prompt)) {
                        itself.logits();
                        compiled.logits();
                        for (int token : new int[] {8, 5, 12}) {
                            compiled.append(new int[] {token});
                            itself.append(new int[] {token});
                            double[] expected = values(itself.logits());
                            double[] found = values(compiled.logits());
                            double error = relative(expected, found);
                            // The first step is the network's own, at which it is compared.
                            assertTrue(
                                    token == 8 ? error == 0 : error > 0 && error < 0.05,
                                    type + " " + error + " " + json);
                        }
                    }
                }
                assertEquals(List.of(), notes, json);
            }
        }
    }

    private static double relative(double[] expected, double[] found) {
        double difference = 0;
        double norm = 0;
        for (int i = 0; i < expected.length; i++) {
            difference += Math.pow(expected[i] - found[i], 2);
            norm += Math.pow(expected[i], 2);
        }
        return Math.sqrt(difference / norm);
    }

    @EachEngine
    void aCompiledDecoderReadsItsSource(EngineChoice engine) {
        aCompiledDecoderReadsItsSource(engine, DataType.FLOAT32);
        aCompiledDecoderReadsItsSource(engine, DataType.FLOAT16);
    }

    private static void aCompiledDecoderReadsItsSource(EngineChoice engine, DataType type) {
        List<String> notes = new ArrayList<>();
        try (Network network = network(TRANSLATOR, engine);
                Network plain = network(TRANSLATOR, engine)) {
            network.compile(CompileOptions.DEFAULT, notes::add);
            List<int[]> begun = List.of(new int[] {1}, new int[] {1});
            for (int[][] sources :
                    new int[][][] {{{7, 8, 9, 10, 11}, {3, 4}}, {{5, 6, 7}, {5, 2, 12}}}) {
                try (ContextWindow compiled =
                                new ContextWindow(
                                        network, LENGTH, begun, List.of(sources), true, type);
                        ContextWindow itself =
                                new ContextWindow(
                                        plain, LENGTH, begun, List.of(sources), true, type)) {
                    for (int token : new int[] {8, 5, 12, 0}) {
                        assertClose(
                                values(itself.logits()),
                                values(compiled.logits()),
                                type == DataType.FLOAT16 ? 1e-3 : TOLERANCE,
                                "after " + token);
                        compiled.append(new int[] {token, token});
                        itself.append(new int[] {token, token});
                    }
                }
            }
        }
        assertEquals(List.of(), notes);
    }

    @EachEngine
    void nothingGrowsWithTheTokens(EngineChoice engine) {
        nothingGrows(engine, false);
        nothingGrows(engine, true);
    }

    private static void nothingGrows(EngineChoice engine, boolean compiled) {
        try (Network network = network(MODELS.get(2), engine)) {
            if (compiled) {
                network.compile(CompileOptions.DEFAULT, note -> fail(note));
            }
            NDManager all = network.backend().manager();
            try (ContextWindow window = window(network, true, new int[] {1, 2})) {
                window.logits();
                window.append(new int[] {7});
                window.logits();
                int before = arrays(all);
                for (int i = 0; i < 5; i++) {
                    window.append(new int[] {i});
                    window.logits();
                }
                assertEquals(before, arrays(all));
            }
        }
    }

    @EachEngine
    void nothingGrowsWithCompiledPrompts(EngineChoice engine) {
        try (Network network = network(MODELS.get(2), engine)) {
            network.compile(CompileOptions.DEFAULT, note -> fail(note));
            NDManager all = network.backend().manager();
            List<Integer> after = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                try (ContextWindow window = window(network, true, new int[] {1, i, 2, 3})) {
                    window.logits();
                    window.append(new int[] {7});
                    window.logits();
                }
                after.add(arrays(all));
            }
            // The third prompt makes the program.
            assertTrue(after.get(3) > after.get(0), after.toString());
            assertEquals(1, after.stream().skip(3).distinct().count(), after.toString());
        }
    }

    /** Those of managers below as well. */
    private static int arrays(NDManager manager) {
        return manager.getManagedArrays().size();
    }

    @EachEngine
    void whatReadsTheFutureIsNotComputedInParts(EngineChoice engine) {
        String json = MODELS.get(0).replace("\"causal\": true", "\"causal\": false");
        try (Network network = network(json, engine);
                NDManager manager = network.backend().newManager();
                ArrayCache cache = new ArrayCache(manager)) {
            NDList input = new NDList(ids(manager, new long[] {1, 2}));
            String message =
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () -> network.predictNext(input, cache))
                            .getMessage();
            assertTrue(message.contains("causal"), message);
        }
    }
}

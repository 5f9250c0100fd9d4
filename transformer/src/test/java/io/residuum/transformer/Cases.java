package io.residuum.transformer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.residual.ScaleSpec;
import io.residuum.spec.InputSpec;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.NamedInput;
import io.residuum.spec.Sequential;
import io.residuum.spec.json.SpecJson;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Size2d;
import io.residuum.testing.Tensors;
import io.residuum.transformer.blocks.EncoderDecoder;
import io.residuum.transformer.blocks.NormPlacement;
import io.residuum.transformer.blocks.TransformerBlocks;
import io.residuum.transformer.branch.Attention;
import io.residuum.transformer.branch.FeedForward;
import io.residuum.transformer.branch.PositionSpec;
import io.residuum.transformer.layers.DistilledHead;
import io.residuum.transformer.layers.PatchEmbedding;
import io.residuum.transformer.layers.Pooling;
import io.residuum.transformer.layers.PositionEmbedding;
import io.residuum.transformer.layers.PositionTable;
import io.residuum.transformer.layers.TakeToken;
import io.residuum.transformer.layers.TokenPool;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Small networks, one for each layer, placement and family. */
final class Cases {
    private static final InitSpec INIT = new InitSpec.XavierNormal();
    private static final InputSpec SEQUENCE = new InputSpec.Features(List.of(4, 8));
    private static final InputSpec TOKENS = new InputSpec.Tokens(5, 11);
    private static final InputSpec IMAGE =
            new InputSpec.Image(List.of(3, 8, 8), List.of(), List.of());

    private static final InputSpec PAIRS = new InputSpec.Features(List.of(4, 4, 6), true);
    private static final InputSpec STREAMS =
            new InputSpec.Several(
                    List.of(
                            new NamedInput("m", new InputSpec.Features(List.of(3, 4, 8), true)),
                            new NamedInput("z", PAIRS)));

    /** One residual unit of each kind, whose output reads both streams. */
    private static final String EVOFORMER =
            """
            {'type': 'graph', 'inputs': ['m', 'z'], 'layers': [
             {'type': 'residual', 'name': 'row', 'from': 'm', 'with': {'pair': 'z'},
              'before': {'norm': 'layer'}, 'to': 'm', 'branch':
              {'type': 'axialAttention', 'heads': 2, 'bias': {'type': 'pair', 'width': 6}}},
             {'type': 'residual', 'name': 'transition', 'from': 'm', 'to': 'm',
              'before': {'norm': 'rms'}, 'branch': {'type': 'feedForward', 'activation': 'relu'},
              'scale': {'type': 'learned', 'init': 1, 'perChannel': true}},
             {'type': 'residual', 'name': 'outer', 'from': 'z', 'read': 'm', 'to': 'z',
              'before': {'norm': 'layer'},
              'branch': {'type': 'outerProductMean', 'units': 2, 'width': 6}},
             {'type': 'residual', 'name': 'triangle', 'from': 'z', 'to': 'z',
              'before': {'norm': 'layer'}, 'branch': {'type': 'triangleMultiplication'}},
             {'type': 'flatten', 'name': 'flat', 'from': 'm'},
             {'type': 'flatten', 'name': 'pairs', 'from': 'z'},
             {'type': 'concat', 'name': 'both', 'from': ['flat', 'pairs']}]}
            """;

    static final Map<String, ModelSpec> ALL = new LinkedHashMap<>();

    static {
        branches();
        streams();
        layers();
        placements();
        wirings();
        families();
    }

    private Cases() {}

    private static void add(String name, InputSpec input, LayerSpec network) {
        ALL.put(name, new ModelSpec("case", input, network));
    }

    /** A case as a user writes it. */
    private static void add(String name, InputSpec input, String json) {
        add(name, input, SpecJson.standard().parse(json, name, LayerSpec.class));
    }

    /** A batch for a case, and what an encoder-decoder translates. */
    static NDList inputs(NDManager manager, ModelSpec spec, DataType type, int batch) {
        Shape shape = new Shape(batch).addAll(spec.input().batchShape().slice(1));
        if (!(spec.input() instanceof InputSpec.Tokens tokens)) {
            NDList inputs = new NDList();
            for (NamedInput input : spec.input().all()) {
                Shape one = new Shape(batch).addAll(input.input().batchShape().slice(1));
                NDArray array = Tensors.create(manager, Tensors.draw(5, one.size()), one, type);
                array.setName(inputs.isEmpty() ? null : input.name());
                inputs.add(array);
            }
            return inputs;
        }
        long[] ids = new long[(int) shape.size()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = (7L * i + 3) % tokens.vocabulary();
        }
        NDList inputs = new NDList(manager.create(ids, shape));
        if (spec.newBlock().sideInputs().contains(EncoderDecoder.SOURCE)) {
            NDArray source = manager.create(ids, shape).flip(1);
            source.setName(EncoderDecoder.SOURCE);
            inputs.add(source);
        }
        return inputs;
    }

    private static void branches() {
        add("attention", SEQUENCE, Attention.builder(2).causal(true).build());
        add(
                "attention with sinks on shared values",
                SEQUENCE,
                "{'type': 'attention', 'heads': 4, 'kvHeads': 2, 'sinks': true, 'sharedValues':"
                        .concat(" true, 'position': {'type': 'rotary', 'interleaved': true}}")
                        .replace('\'', '"'));
        add(
                "disentangled attention",
                SEQUENCE,
                """
                {'type': 'transformerBlocks', 'depth': 2, 'placement': 'post',
                 'attention': {'name': 'attention', 'heads': 2, 'position':
                  {'type': 'disentangled', 'maxDistance': 8, 'buckets': 4, 'norm': 'layer'}},
                 'feedForward': {'name': 'mlp', 'ratio': 2}}
                """
                        .replace('\'', '"'));
        add(
                "mixture of experts",
                SEQUENCE,
                """
                {'type': 'feedForward', 'width': 6, 'gated': true, 'activation': 'silu',
                 'experts': {'count': 3, 'perToken': 2, 'normalized': false, 'shared': 4,
                  'sharedGate': true}}
                """
                        .replace('\'', '"'));
        add(
                "mixture of experts in groups",
                SEQUENCE,
                """
                {'type': 'feedForward', 'width': 6, 'gated': true, 'activation': 'quickGelu',
                 'limit': 0.5, 'upShift': 1,
                 'experts': {'count': 6, 'perToken': 2, 'router': {'score': 'sigmoid', 'bias': true,
                  'correction': true, 'groups': 3, 'chosenGroups': 2, 'scale': 1.5}}}
                """
                        .replace('\'', '"'));
        add(
                "experts in the second block",
                SEQUENCE,
                """
                {'type': 'transformerBlocks', 'depth': 2,
                 'attention': {'name': 'attention', 'heads': 2, 'position': 'rotary',
                  'queryKeyNorm': 'rms', 'rotaryFirst': true},
                 'feedForward': {'name': 'mlp', 'width': 6,
                  'experts': {'count': 2, 'perToken': 2}},
                 'feedForwards': [{'blocks': [0], 'feedForward':
                  {'name': 'mlp', 'width': 5, 'activation': 'xielu'}}]}
                """
                        .replace('\'', '"'));
        add(
                "attention with three inputs",
                SEQUENCE,
                """
                {'type': 'attention', 'heads': 2, 'maps': {
                  'queries': [{'type': 'linear', 'units': 3}, {'type': 'linear', 'units': 8}],
                  'values': [{'type': 'norm', 'norm': 'rms'}, {'type': 'linear', 'units': 8}]}}
                """
                        .replace('\'', '"'));
        add(
                "attention with a shared table of relative positions",
                SEQUENCE,
                """
                {'type': 'transformerBlocks', 'depth': 2, 'feedForward': {'ratio': 2},
                 'attention': {'heads': 2, 'causal': true, 'position':
                  {'type': 'relative', 'buckets': 4, 'maxDistance': 3}}}
                """
                        .replace('\'', '"'));
        for (ActivationSpec activation :
                List.of(
                        ActivationSpec.RELU,
                        new ActivationSpec.Gelu(),
                        new ActivationSpec.GeluTanh(),
                        new ActivationSpec.Silu())) {
            add("feed-forward " + activation, SEQUENCE, FeedForward.plain(2, activation, 0, INIT));
        }
        add("SwiGLU", SEQUENCE, FeedForward.gated(12, new ActivationSpec.Silu(), INIT));
        add("GEGLU", SEQUENCE, FeedForward.gated(12, new ActivationSpec.Gelu(), INIT));
    }

    /** Two-dimensional streams, alone and in a block that reads both. */
    private static void streams() {
        add(
                "axial attention",
                PAIRS,
                "{'type': 'axialAttention', 'heads': 2, 'axis': 'column', 'bias': 'input'}"
                        .replace('\'', '"'));
        add(
                "triangle multiplication",
                PAIRS,
                "{'type': 'triangleMultiplication', 'edges': 'incoming'}".replace('\'', '"'));
        add("evoformer", STREAMS, EVOFORMER.replace('\'', '"'));
    }

    private static void layers() {
        add(
                "learned positions",
                SEQUENCE,
                new PositionEmbedding("", PositionTable.LEARNED, 9, 0, INIT));
        add(
                "take a token",
                SEQUENCE,
                new Sequential("", new Linear("map", 6), new TakeToken("", 2)));
        for (Pooling pooling : Pooling.values()) {
            add(
                    "pool " + pooling,
                    SEQUENCE,
                    new Sequential("", new Linear("map", 6), new TokenPool("", pooling)));
        }
        add(
                "positions from a row",
                SEQUENCE,
                new PositionEmbedding("", PositionTable.LEARNED, 0, 2, INIT));
        add("distilled head", SEQUENCE, new DistilledHead("", 3, INIT));
        add(
                "sinusoidal positions",
                TOKENS,
                "{'type': 'tokenEmbedding', 'vocabulary': 11, 'width': 6, 'scale': 2.5, 'positions':"
                        .concat(" 'sinusoidal', 'norm': 'layer'}")
                        .replace('\'', '"'));
        add("patches without tokens", IMAGE, patches(List.of(), true, Size2d.of(0)));
        add(
                "tokens without positions",
                IMAGE,
                patches(List.of("class", "extra"), false, Size2d.of(0)));
        add("positions of another grid", IMAGE, patches(List.of("class"), true, new Size2d(3, 2)));
    }

    private static PatchEmbedding patches(
            List<String> tokens, boolean tokenPositions, Size2d grid) {
        return PatchEmbedding.builder(Size2d.of(2), 6)
                .name("")
                .tokens(tokens)
                .tokenPositions(tokenPositions)
                .grid(grid)
                .init(INIT)
                .build();
    }

    /** Blocks with each kind of connection between their units. */
    private static void wirings() {
        for (String wiring :
                List.of(
                        "{'type': 'hyperConnections', 'streams': 2, 'dynamic': false}",
                        "{'type': 'hyperConnections', 'streams': 2, 'scale': 1}",
                        "{'type': 'manifoldHyperConnections', 'iterations': 3, 'scale': 1}",
                        "{'type': 'denseFormer'}",
                        "{'type': 'valueResidual', 'init': 0.5}",
                        "{'type': 'attentionResiduals'}",
                        "{'type': 'attentionResiduals', 'group': 3}",
                        "{'type': 'altUp', 'streams': 2}",
                        "'reversible'",
                        "{'type': 'momentum', 'gamma': 0.5}")) {
            String blocks =
                    """
                    {'type': 'transformerBlocks', 'depth': 2, 'stream': %s,
                     'attention': {'heads': 2, 'kvHeads': 1, 'causal': true},
                     'feedForward': {'ratio': 2}}
                    """
                            .formatted(wiring);
            add(wiring, SEQUENCE, blocks.replace('\'', '"'));
        }
    }

    private static void placements() {
        Attention attention =
                Attention.builder(2)
                        .kvHeads(1)
                        .causal(true)
                        .position(new PositionSpec.Alibi())
                        .build();
        FeedForward mlp = FeedForward.plain(2, new ActivationSpec.Gelu(), 0, INIT);
        for (NormPlacement placement :
                List.of(
                        NormPlacement.PRE,
                        NormPlacement.POST,
                        new NormPlacement.Sandwich(),
                        new NormPlacement.ResPost(),
                        new NormPlacement.Parallel(),
                        new NormPlacement.Parallel(2),
                        new NormPlacement.DeepNorm(0, 0))) {
            NormSpec norm = NormSpec.LAYER;
            add(
                    placement.toString(),
                    SEQUENCE,
                    TransformerBlocks.of(2, attention, mlp, norm, placement));
        }
        add(
                "RMSNorm and LayerScale",
                SEQUENCE,
                TransformerBlocks.of(
                                2, attention, mlp, new NormSpec.Rms(1e-6, 1), NormPlacement.PRE)
                        .withScale(new ScaleSpec.Learned(0.1, true)));
        add(
                "ReZero",
                SEQUENCE,
                TransformerBlocks.of(2, attention, mlp, NormSpec.NONE, NormPlacement.PRE)
                        .withScale(new ScaleSpec.Learned(0, false)));
    }

    private static void families() {
        text("gpt", "'heads': 2, 'dropout': 0");
        text("gpt", "'heads': 2, 'dropout': 0, 'head': {'type': 'classes', 'count': 3}");
        text("gpt", "'heads': 2, 'dropout': 0, 'placement': 'post', 'tied': false, 'bias': false");
        text("llama", "'heads': 4, 'kvHeads': 2, 'mlpWidth': 12");
        text("llama", "'heads': 2, 'mlpWidth': 12, 'tied': true, 'window': 2");
        text("llama", "'heads': 2, 'mlpWidth': 12, 'head': {'type': 'classes', 'count': 3}");
        text("bert", "'heads': 2, 'dropout': 0");
        text("bert", "'heads': 2, 'dropout': 0, 'head': 'none', 'segments': 0");
        text("bert", "'heads': 2, 'dropout': 0, 'head': 'maskedLm', 'placement': 'pre'");
        text("bert", "'heads': 2, 'dropout': 0, 'head': {'type': 'classes', 'count': 3}");
        text("bert", "'heads': 2, 'dropout': 0, 'head': 'mean'");
        text(
                "bert",
                "'heads': 2, 'dropout': 0, 'positionOffset': 2, 'embeddingWidth': 6, 'head':"
                        + " {'type': 'denseClasses', 'count': 3}");
        text("bert", "'heads': 2, 'dropout': 0, 'head': {'type': 'tokenClasses', 'count': 3}");
        text("bert", "'heads': 2, 'dropout': 0, 'head': 'spans'");
        text("bert", "'heads': 2, 'dropout': 0, 'head': 'replacedTokens'");
        text(
                "bert",
                "'heads': 2, 'dropout': 0, 'head': {'type': 'embedding', 'pooling': ['cls',"
                        + " 'max']}");
        text(
                "bert",
                "'heads': 2, 'dropout': 0, 'head': {'type': 'classes', 'count': 3, 'pool':"
                        + " 'mean'}");
        text("encoderDecoder", "'heads': 2, 'dropout': 0, 'mlpWidth': 12");
        text("encoderDecoder", "'heads': 2, 'dropout': 0, 'mlpWidth': 12, 'placement': 'deepNorm'");
        text("encoderDecoder", "'heads': 2, 'dropout': 0, 'mlpWidth': 12, 'placement': 'pre'");
        image("'heads': 2");
        image("'heads': 2, 'pool': 'distilled'");
        image("'heads': 2, 'pool': 'attention'");
        image("'heads': 2, 'pool': 'class-and-mean', 'registers': 2, 'inputNorm': true");
        image("'heads': 2, 'pool': 'mean', 'headWidth': 6, 'activation': 'relu'");
        image(
                "'heads': 2, 'tokenPositions': false, 'scale': {'type': 'learned', 'perChannel':"
                        + " true, 'init': 0.1}");
        for (String swin : List.of("'window': 3", "'window': 2, 'version': 'v2'")) {
            String json =
                    "{'type': 'swin', 'patch': 2, 'width': 4, 'depths': [2, 1], 'heads': [1, 2],"
                            + " 'classes': 3, 'activation': 'silu', %s}";
            add("swin " + swin, IMAGE, json.formatted(swin).replace('\'', '"'));
        }
        add(
                "cait",
                IMAGE,
                "{'type': 'cait', 'patch': 4, 'width': 8, 'depth': 1, 'heads': 2, 'classes': 3}"
                        .replace('\'', '"'));
        add(
                "convolutions ahead of a transformer",
                IMAGE,
                new Sequential(
                        "",
                        Conv2d.of(4, 3).withStride(2).withName("stem"),
                        PatchEmbedding.builder(Size2d.of(1), 8)
                                .name("patches")
                                .tokens(List.of("class"))
                                .init(INIT)
                                .build(),
                        TransformerBlocks.of(
                                1,
                                Attention.builder(2).build(),
                                FeedForward.plain(2, new ActivationSpec.Gelu(), 0, INIT),
                                new NormSpec.OfLayer(1e-6, 1),
                                NormPlacement.PRE),
                        new TakeToken("pool", 0),
                        new Linear("head", 3)));
    }

    private static void text(String family, String more) {
        String json = "{'type': '%s', 'vocabulary': 11, 'width': 8, 'depth': 2, %s}";
        add(family + " " + more, TOKENS, json.formatted(family, more).replace('\'', '"'));
    }

    private static void image(String more) {
        String json = "{'type': 'vit', 'patch': 4, 'width': 8, 'depth': 2, 'classes': 3, %s}";
        add("vit " + more, IMAGE, json.formatted(more).replace('\'', '"'));
    }
}

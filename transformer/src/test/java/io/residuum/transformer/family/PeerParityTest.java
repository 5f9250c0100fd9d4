package io.residuum.transformer.family;

import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.spec.InputSpec;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.NormSpec;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.transformer.branch.PositionSpec;
import io.residuum.transformer.branch.RotaryScaling;
import io.residuum.transformer.family.PeerCase.Row;
import io.residuum.transformer.stack.Placement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The same numbers as the libraries of the field, from the same weights. */
class PeerParityTest {
    private static final Logger LOG = LoggerFactory.getLogger(PeerParityTest.class);
    private static final double TOLERANCE = 1e-4;

    private static final String ATTENTION = "blocks.#.attention.branch.";
    private static final String MLP = "blocks.#.mlp.branch.";

    private static void check(
            String name,
            EngineChoice engine,
            InputSpec input,
            LayerSpec network,
            String output,
            int depth,
            List<Row> table) {
        PeerCase peer = PeerCase.require(name);
        Backend backend = Engines.backend(engine);
        try (Network ours = Network.create(new ModelSpec(name, input, network), backend, 1);
                NDManager manager = backend.newManager()) {
            peer.fill(ours, depth, table);
            NDArray found = ours.features(peer.input(manager), List.of(output)).get(output);
            double watched = peer.error(found);
            LOG.info("{} on {}: relative error {}", name, engine, watched);
            assertTrue(watched < TOLERANCE, () -> name + ": " + watched);
            if (output.isEmpty()) {
                double unwatched = peer.error(ours.predict(peer.input(manager)));
                assertTrue(unwatched < TOLERANCE, () -> name + ", unwatched: " + unwatched);
            }
        }
    }

    private static List<Row> affine(String ours, String theirs) {
        return List.of(
                Row.of(ours + ".weight", theirs + ".weight"),
                Row.of(ours + ".bias", theirs + ".bias"));
    }

    private static List<Row> conv1d(String ours, String theirs) {
        return List.of(
                Row.transposed(ours + ".weight", theirs + ".weight"),
                Row.of(ours + ".bias", theirs + ".bias"));
    }

    @SafeVarargs
    private static List<Row> table(List<Row>... parts) {
        return Stream.of(parts).flatMap(List::stream).toList();
    }

    @EachEngine
    void gpt2(EngineChoice engine) {
        String block = "transformer.h.#.";
        check(
                "hf-gpt2",
                engine,
                new InputSpec.Tokens(64, 512),
                Gpt.of(512, 64, 4, 4, Placement.PRE),
                "",
                4,
                table(
                        List.of(
                                Row.of("embedding.token.weight", "transformer.wte.weight"),
                                Row.of("embedding.position.weight", "transformer.wpe.weight")),
                        affine("blocks.#.attention.before.norm", block + "ln_1"),
                        conv1d(ATTENTION + "qkv", block + "attn.c_attn"),
                        conv1d(ATTENTION + "output", block + "attn.c_proj"),
                        affine("blocks.#.mlp.before.norm", block + "ln_2"),
                        conv1d(MLP + "up", block + "mlp.c_fc"),
                        conv1d(MLP + "down", block + "mlp.c_proj"),
                        affine("norm", "transformer.ln_f")));
    }

    @EachEngine
    void bert(EngineChoice engine) {
        String block = "encoder.layer.#.";
        check(
                "hf-bert",
                engine,
                new InputSpec.Tokens(64, 512),
                Bert.of(512, 64, 4, 4, new Bert.Head.Pooler()),
                "blocks",
                4,
                table(
                        List.of(
                                Row.of(
                                        "embedding.token.weight",
                                        "embeddings.word_embeddings.weight"),
                                Row.of(
                                        "embedding.position.weight",
                                        "embeddings.position_embeddings.weight"),
                                Row.of(
                                        "embedding.segment.weight",
                                        "embeddings.token_type_embeddings.weight")),
                        affine("embedding.norm", "embeddings.LayerNorm"),
                        affine(ATTENTION + "q", block + "attention.self.query"),
                        affine(ATTENTION + "k", block + "attention.self.key"),
                        affine(ATTENTION + "v", block + "attention.self.value"),
                        affine(ATTENTION + "output", block + "attention.output.dense"),
                        affine(
                                "blocks.#.attention.after.norm",
                                block + "attention.output.LayerNorm"),
                        affine(MLP + "up", block + "intermediate.dense"),
                        affine(MLP + "down", block + "output.dense"),
                        affine("blocks.#.mlp.after.norm", block + "output.LayerNorm"),
                        affine("pooler.dense", "pooler.dense")));
    }

    @EachEngine
    void llama(EngineChoice engine) {
        String block = "model.layers.#.";
        PositionSpec.Rotary rotary = new PositionSpec.Rotary(10000, false, RotaryScaling.NONE);
        List<Row> rows = new ArrayList<>();
        rows.add(Row.of("embedding.token.weight", "model.embed_tokens.weight"));
        rows.add(Row.of("blocks.#.attention.before.norm.weight", block + "input_layernorm.weight"));
        for (String part : List.of("q", "k", "v")) {
            rows.add(
                    Row.of(
                            ATTENTION + part + ".weight",
                            block + "self_attn." + part + "_proj.weight"));
        }
        rows.add(Row.of(ATTENTION + "output.weight", block + "self_attn.o_proj.weight"));
        rows.add(
                Row.of(
                        "blocks.#.mlp.before.norm.weight",
                        block + "post_attention_layernorm.weight"));
        for (String part : List.of("gate", "up", "down")) {
            rows.add(Row.of(MLP + part + ".weight", block + "mlp." + part + "_proj.weight"));
        }
        rows.add(Row.of("norm.weight", "model.norm.weight"));
        rows.add(Row.of("head.weight", "lm_head.weight"));
        check(
                "hf-llama",
                engine,
                new InputSpec.Tokens(64, 512),
                new Llama("", 512, 64, 4, 4, 2, 172, rotary, 1e-6, 0, false),
                "",
                4,
                rows);
    }

    @EachEngine
    void vitOfTransformers(EngineChoice engine) {
        String block = "vit.layers.#.";
        List<Row> qkv = new ArrayList<>();
        for (String part : List.of("weight", "bias")) {
            qkv.add(
                    Row.of(
                            ATTENTION + "qkv." + part,
                            block + "attention.q_proj." + part,
                            block + "attention.k_proj." + part,
                            block + "attention.v_proj." + part));
        }
        VisionTransformer tiny = VisionTransformer.of(4, 64, 4, 4).withClasses(10);
        check(
                "hf-vit",
                engine,
                new InputSpec.Image(List.of(3, 32, 32), List.of(), List.of()),
                tiny.withNorm(new NormSpec.OfLayer(1e-12, 1)),
                "",
                4,
                table(
                        List.of(
                                Row.of("embedding.class", "vit.embeddings.cls_token"),
                                Row.of("embedding.position", "vit.embeddings.position_embeddings")),
                        affine(
                                "embedding.projection",
                                "vit.embeddings.patch_embeddings.projection"),
                        affine("blocks.#.attention.before.norm", block + "layernorm_before"),
                        qkv,
                        affine(ATTENTION + "output", block + "attention.o_proj"),
                        affine("blocks.#.mlp.before.norm", block + "layernorm_after"),
                        affine(MLP + "up", block + "mlp.fc1"),
                        affine(MLP + "down", block + "mlp.fc2"),
                        affine("norm", "vit.layernorm"),
                        affine("head", "classifier")));
    }

    private static List<Row> timm() {
        return table(
                List.of(
                        Row.of("embedding.class", "cls_token"),
                        Row.of("embedding.position", "pos_embed")),
                affine("embedding.projection", "patch_embed.proj"),
                affine("blocks.#.attention.before.norm", "blocks.#.norm1"),
                affine(ATTENTION + "qkv", "blocks.#.attn.qkv"),
                affine(ATTENTION + "output", "blocks.#.attn.proj"),
                affine("blocks.#.mlp.before.norm", "blocks.#.norm2"),
                affine(MLP + "up", "blocks.#.mlp.fc1"),
                affine(MLP + "down", "blocks.#.mlp.fc2"),
                affine("norm", "norm"));
    }

    @EachEngine
    void caitOfTimm(EngineChoice engine) {
        int depth = 24;
        List<Row> rows = new ArrayList<>(timm().subList(1, timm().size()));
        rows.addAll(affine(ATTENTION + "talkScores", "blocks.#.attn.proj_l"));
        rows.addAll(affine(ATTENTION + "talkWeights", "blocks.#.attn.proj_w"));
        rows.add(Row.of("blocks.#.attention.scale.gamma", "blocks.#.gamma_1"));
        rows.add(Row.of("blocks.#.mlp.scale.gamma", "blocks.#.gamma_2"));
        rows.add(Row.of("classBlocks.class", "cls_token"));
        for (int i = 0; i < 2; i++) {
            String ours = "classBlocks." + i + ".";
            String theirs = "blocks_token_only." + i + ".";
            rows.addAll(affine(ours + "attention.before.norm", theirs + "norm1"));
            for (String part : List.of("q", "k", "v")) {
                rows.addAll(affine(ours + "attention.branch." + part, theirs + "attn." + part));
            }
            rows.addAll(affine(ours + "attention.branch.output", theirs + "attn.proj"));
            rows.add(Row.of(ours + "attention.scale.gamma", theirs + "gamma_1"));
            rows.addAll(affine(ours + "mlp.before.norm", theirs + "norm2"));
            rows.addAll(affine(ours + "mlp.branch.up", theirs + "mlp.fc1"));
            rows.addAll(affine(ours + "mlp.branch.down", theirs + "mlp.fc2"));
            rows.add(Row.of(ours + "mlp.scale.gamma", theirs + "gamma_2"));
        }
        rows.addAll(affine("head", "head"));
        Cait cait = Cait.of(192, depth, 1e-5);
        check("timm-cait_xxs24_224", engine, imagenet(), cait, "", depth, rows);
    }

    private static InputSpec imagenet() {
        return new InputSpec.Image(List.of(3, 224, 224), List.of(), List.of());
    }

    @EachEngine
    void vitOfTimm(EngineChoice engine) {
        check(
                "timm-vit_tiny_patch16_224",
                engine,
                imagenet(),
                VisionTransformer.of(16, 192, 12, 3),
                "",
                12,
                table(timm(), affine("head", "head")));
    }

    @EachEngine
    void distilledDeitOfTimm(EngineChoice engine) {
        check(
                "timm-deit_tiny_distilled_patch16_224",
                engine,
                imagenet(),
                VisionTransformer.of(16, 192, 12, 3)
                        .withPool(VisionTransformer.Pool.DISTILLED, true),
                "",
                12,
                table(
                        timm(),
                        List.of(Row.of("embedding.distillation", "dist_token")),
                        affine("head.class", "head"),
                        affine("head.distillation", "head_dist")));
    }
}

package io.residuum.transformer;

import static io.residuum.testing.Tensors.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.engine.EngineChoice;
import io.residuum.json.Json;
import io.residuum.json.JsonReader;
import io.residuum.model.Adapters;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.model.Presets;
import io.residuum.spec.LowRank;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.testing.Npy;
import io.residuum.testing.Tensors;
import io.residuum.weights.Safetensors;
import io.residuum.weights.SafetensorsWriter;
import io.residuum.weights.WeightsException;
import io.residuum.weights.dialect.Dialect;
import io.residuum.weights.dialect.Dialects;
import io.residuum.weights.peft.PeftFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Adapters that PEFT 0.21 wrote give its logits, and come back as they were. {@code adapters.py}
 * made the files.
 */
class PeftTest {
    private static final Path FILES = Path.of("src/test/resources/io/residuum/transformer/peft");

    @TempDir private Path folder;

    private static ModelSource base(String name) {
        String owner = name.replaceFirst("patterns$|bias$", "");
        return ModelSource.of(FILES.resolve(owner).resolve("base"));
    }

    private static Path adapter(String name) {
        return FILES.resolve(name).resolve("adapter");
    }

    private static double[] logits(Network network) {
        try (NDManager manager = network.backend().newManager()) {
            long[] ids = new long[8];
            Arrays.setAll(ids, i -> i % 11);
            float[] found =
                    network.predict(new NDList(manager.create(ids, new Shape(1, 8))))
                            .toFloatArray();
            double[] all = new double[found.length];
            Arrays.setAll(all, i -> found[i]);
            return all;
        }
    }

    private static double[] expected(String name) throws IOException {
        float[] values = Npy.read(FILES.resolve(name).resolve("logits.npy")).floats();
        double[] all = new double[values.length];
        Arrays.setAll(all, i -> values[i]);
        return all;
    }

    @EachEngine
    void readsWhatPeftWroteAndWritesItAgain(EngineChoice engine) throws IOException {
        for (String name : List.of("gpt2", "gpt2dora", "llama", "bert", "classifier")) {
            List<String> saved = name.equals("classifier") ? List.of("classifier.*") : List.of();
            ModelSource source = base(name).withAdapter(adapter(name));
            try (Network network = source.open(Engines.backend(engine));
                    Network plain = base(name).open(Engines.backend(engine))) {
                assertEquals(source.spec(), network.spec());
                assertClose(expected(name), logits(network), 1e-5, name);
                assertThrows(
                        AssertionError.class,
                        () -> assertClose(expected(name), logits(plain), 1e-3, name));

                Path out = folder.resolve(engine + name);
                Dialect dialect = Dialects.of("huggingface").forWriting(plain.block());
                for (LowRank branch : network.spec().adapters()) {
                    Path part = out.resolve(branch.name());
                    Adapters.save(network, branch, part, dialect, saved);
                    Adapters.load(plain, part, Dialects.standard());
                    assertEquals(branch.method(), plain.spec().adapters().get(0).method());
                    Adapters.merge(plain);
                }
                assertClose(expected(name), logits(plain), 1e-5, name + " written and read");
                if (!List.of("llama", "bert").contains(name)) {
                    assertSameTensors(
                            adapter(name), out.resolve(network.spec().adapters().get(0).name()));
                }

                Adapters.merge(network);
                assertClose(expected(name), logits(network), 1e-5, name + " merged");
            }
        }
    }

    /** Ranks and alphas by pattern, excluded modules, biases, and a few of the layers. */
    @EachEngine
    void keepsPatternsAndBiasesInOneFolder(EngineChoice engine) throws IOException {
        Map<String, List<String>> saved =
                Map.of(
                        "gpt2patterns",
                        List.of(),
                        "gpt2bias",
                        List.of(
                                "blocks.1.attention.branch.qkv.bias",
                                "blocks.1.mlp.branch.down.bias"),
                        "bertbias",
                        List.of("*.bias"));
        for (Map.Entry<String, List<String>> test : saved.entrySet()) {
            String name = test.getKey();
            Path out = folder.resolve(engine + name);
            try (Network network =
                            base(name).withAdapter(adapter(name)).open(Engines.backend(engine));
                    Network plain = base(name).open(Engines.backend(engine))) {
                assertClose(expected(name), logits(network), 1e-5, name);
                Adapters.save(
                        network,
                        network.spec().adapters(),
                        out,
                        Dialects.of("huggingface").forWriting(plain.block()),
                        test.getValue());
                Adapters.load(plain, out, Dialects.standard());
                assertClose(expected(name), logits(plain), 1e-5, name + " written and read");
                if (!name.equals("bertbias")) {
                    assertSameTensors(adapter(name), out);
                }
                Adapters.merge(network);
                assertClose(expected(name), logits(network), 1e-5, name + " merged");
            }
            Json theirs = JsonReader.read(adapter(name).resolve(PeftFolder.CONFIG));
            Json ours = JsonReader.read(out.resolve(PeftFolder.CONFIG));
            assertEquals(theirs.get("bias").string(""), ours.get("bias").string(""));
            assertEquals(
                    theirs.get("rank_pattern").members().isEmpty(),
                    ours.get("rank_pattern").members().isEmpty());
        }
    }

    @Test
    void oneFolderHasOneBranchOfALayer() {
        LowRank one = LowRank.of(2, 4, "blocks.0.attention.branch.qkv");
        for (LowRank other :
                List.of(one.withName("other"), one.withName("other").withDropout(0.1))) {
            ModelSpec spec = base("gpt2").spec().withAdapters(List.of(one, other));
            try (Network network = Network.create(spec, Engines.both().get(0), 1)) {
                WeightsException e =
                        assertThrows(
                                WeightsException.class,
                                () ->
                                        Adapters.save(
                                                network,
                                                spec.adapters(),
                                                folder.resolve("none"),
                                                Dialects.of("huggingface")
                                                        .forWriting(base("gpt2").spec().newBlock()),
                                                List.of()));
                assertTrue(
                        String.valueOf(e.getMessage()).contains("write one adapter at a time"),
                        e.getMessage());
            }
        }
    }

    @Test
    void aFolderNeedsBranchesOfTheNetwork() {
        LowRank missing = LowRank.of(2, 4, "blocks.0.attention.branch.qkv").withName("missing");
        ModelSpec spec = base("gpt2").spec();
        try (Network network = Network.create(spec, Engines.both().get(0), 1)) {
            for (List<LowRank> adapters : List.of(List.<LowRank>of(), List.of(missing))) {
                WeightsException e =
                        assertThrows(
                                WeightsException.class,
                                () ->
                                        Adapters.save(
                                                network,
                                                adapters,
                                                folder.resolve("none"),
                                                Dialects.of("huggingface")
                                                        .forWriting(spec.newBlock()),
                                                List.of()));
                assertTrue(
                        String.valueOf(e.getMessage()).contains("some of the network's"),
                        e.getMessage());
            }
        }
    }

    private static void assertSameTensors(Path theirs, Path ours) {
        try (Safetensors expected = Safetensors.open(theirs.resolve(PeftFolder.WEIGHTS));
                Safetensors found = Safetensors.open(ours.resolve(PeftFolder.WEIGHTS))) {
            assertEquals(
                    List.copyOf(expected.names()),
                    List.copyOf(found.names()).stream().sorted().toList());
            for (String name : expected.names()) {
                assertEquals(expected.info(name), found.info(name));
                assertArrayEquals(expected.floats(name), found.floats(name), name);
            }
        }
    }

    @Test
    void keepsThePatternsShort() {
        ModelSpec spec = base("gpt2").withAdapter(adapter("gpt2")).spec();
        assertEquals(
                List.of(
                        new LowRank(
                                "lora",
                                List.of(
                                        "blocks.*.attention.branch.qkv",
                                        "blocks.*.mlp.branch.down"),
                                2,
                                6,
                                0.1,
                                LowRank.Scaling.RANK,
                                LowRank.Method.LORA)),
                spec.adapters());
        // Another scale needs another branch.
        ModelSpec bert = base("bert").withAdapter(adapter("bert")).spec();
        assertEquals(
                Map.of("lora", 6.0, "lora2", 3.0),
                bert.adapters().stream().collect(Collectors.toMap(LowRank::name, LowRank::alpha)));
    }

    /**
     * Two copies of a branch add twice the change, whatever the adapters of the file are called.
     */
    @EachEngine
    void loadsAnAdapterBesideOthers(EngineChoice engine) throws IOException {
        ModelSource one = base("bert").withAdapter(adapter("bert"));
        assertEquals(
                List.of("lora", "lora2", "lora3", "lora4"),
                one.withAdapter(adapter("bert")).spec().adapters().stream()
                        .map(LowRank::name)
                        .toList());
        try (Network twice = one.withAdapter(adapter("bert")).open(Engines.backend(engine));
                Network merged = one.open(Engines.backend(engine))) {
            Adapters.merge(merged);
            Adapters.load(merged, adapter("bert"), Dialects.standard());
            assertClose(logits(merged), logits(twice), 1e-5, "twice");
        }
    }

    @Test
    void joinsTheBranchesOfModulesThatAreOneLayerHere() throws IOException {
        ModelSpec spec =
                SpecJson.standard()
                        .parse(
                                """
                                {"format": "residuum/1", "name": "net",
                                 "input": {"type": "image", "shape": [3, 8, 8]},
                                 "network": {"type": "vit", "patch": 4, "width": 4, "depth": 1,
                                             "heads": 2, "classes": 3}}
                                """,
                                "net",
                                ModelSpec.class);
        int width = 4;
        int rank = 2;
        String attention = "base_model.model.vit.encoder.layer.0.attention.attention.";
        SafetensorsWriter writer = new SafetensorsWriter();
        Map<String, float[]> theirs = new HashMap<>();
        for (String module : List.of("query", "value")) {
            for (String side : List.of("A", "B")) {
                float[] drawn = floats(Tensors.draw(theirs.size(), (long) width * rank));
                long[] shape =
                        side.equals("A") ? new long[] {rank, width} : new long[] {width, rank};
                writer.add(attention + module + ".lora_" + side + ".weight", shape, drawn);
                theirs.put(module + side, drawn);
            }
        }
        writer.write(folder.resolve(PeftFolder.WEIGHTS));
        Files.writeString(
                folder.resolve(PeftFolder.CONFIG),
                "{\"peft_type\": \"LORA\", \"lora_alpha\": 6, \"r\": 2, \"alpha_pattern\":"
                        + " {\"value\": 2}}");
        String path = "blocks.0.attention.branch.qkv.weight";
        try (Network network = Network.create(spec, Engines.backend(Engines.all().get(0)), 1)) {
            float[] weight = network.state().get(path).getArray().toFloatArray();
            Adapters.load(network, folder, Dialects.standard());
            assertEquals(4, network.spec().adapters().get(0).rank());
            Adapters.merge(network);
            float[] merged = network.state().get(path).getArray().toFloatArray();
            for (int i = 0; i < merged.length; i++) {
                String module = List.of("query", "key", "value").get(i / (width * width));
                float expected = weight[i];
                for (int k = 0; k < rank && !module.equals("key"); k++) {
                    expected +=
                            (module.equals("query") ? 3 : 1)
                                    * theirs.get(module + "B")[i / width % width * rank + k]
                                    * theirs.get(module + "A")[k * width + i % width];
                }
                assertEquals(expected, merged[i], 1e-5, path + " " + i);
            }
        }
    }

    private static float[] floats(double[] values) {
        float[] all = new float[values.length];
        for (int i = 0; i < all.length; i++) {
            all[i] = (float) values[i];
        }
        return all;
    }

    @Test
    void trainsLessThanOneInAHundredOfGpt2() {
        LowRank adapter = LowRank.of(8, 16, "blocks.*.attention.branch.qkv");
        ModelSpec spec = Presets.find("gpt2").orElseThrow().spec().withAdapters(List.of(adapter));
        Map<String, Parameter> parameters = spec.newBlock().namedParameters();
        long all = parameters.values().stream().mapToLong(p -> p.getShape().size()).sum();
        long trained =
                parameters.entrySet().stream()
                        .filter(e -> e.getKey().contains(".lora."))
                        .mapToLong(e -> e.getValue().getShape().size())
                        .sum();
        assertEquals(12 * 8 * (768 + 3 * 768), trained);
        assertTrue(trained < 0.01 * all, trained + " of " + all);
    }

    @Test
    void refusesWhatItDoesNotKnow() throws IOException {
        refuse("\"bias\": \"none\"", "\"bias\": \"some\"", "bias must be none, all or lora_only");
        refuse(
                "\"use_qalora\": false",
                "\"use_qalora\": true",
                "use_qalora must be absent or null");
        refuse("\"peft_type\": \"LORA\"", "\"peft_type\": \"LOHA\"", "peft_type must be LORA");
        refuse(
                "\"init_lora_weights\": true",
                "\"init_lora_weights\": \"pissa\"",
                "must not change the weights of the base model");
        // LoRA-GA subtracts the first s B A from the weights of the base model.
        refuse(
                "\"init_lora_weights\": true",
                "\"init_lora_weights\": \"lora_ga\"",
                "must not change the weights of the base model");
        refuse("\"lora_alpha\": 6", "\"lora_alpha\": \"6\"", "lora_alpha must be a number");
        // Would overflow the stack of the compiler of patterns.
        refuse(
                "\"alpha_pattern\": {}",
                "\"alpha_pattern\": {\"" + "(".repeat(100_000) + ")".repeat(100_000) + "\": 1}",
                "alpha_pattern must have keys of at most 1,000 characters");
        refuse("", "", n -> n.replace("c_attn", "other"), "found \"transformer.h.0.attn.other\"");
        refuse(
                "",
                "",
                n -> n.replaceFirst("h.0.attn.c_attn.lora_A", "x"),
                "found \"base_model.model.transformer.x.weight\"");
    }

    private void refuse(String old, String changed, String message) throws IOException {
        refuse(old, changed, UnaryOperator.identity(), message);
    }

    private void refuse(String old, String changed, UnaryOperator<String> rename, String message)
            throws IOException {
        Path copy = Files.createTempDirectory(folder, "copy");
        String config = Files.readString(adapter("gpt2").resolve(PeftFolder.CONFIG));
        assertTrue(config.contains(old), old);
        Files.writeString(copy.resolve(PeftFolder.CONFIG), config.replace(old, changed));
        SafetensorsWriter writer = new SafetensorsWriter();
        try (Safetensors weights = Safetensors.open(adapter("gpt2").resolve(PeftFolder.WEIGHTS))) {
            for (String name : weights.names()) {
                writer.copy(rename.apply(name), weights, name);
            }
            writer.write(copy.resolve(PeftFolder.WEIGHTS));
        }
        WeightsException e =
                assertThrows(WeightsException.class, () -> base("gpt2").withAdapter(copy));
        assertTrue(String.valueOf(e.getMessage()).contains(message), e.getMessage());
        assertTrue(String.valueOf(e.getMessage()).contains(copy.toString()), e.getMessage());
    }
}

package io.residuum.examples.fuzz;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.residuum.model.ModelDescription;
import io.residuum.model.ModelFiles;
import io.residuum.model.ModelMetadata;
import io.residuum.model.ModelSource;
import io.residuum.model.Presets;
import io.residuum.model.Summary;
import io.residuum.nn.Layer;
import io.residuum.spec.InputSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Preset;
import io.residuum.spec.Sequential;
import io.residuum.spec.json.SpecJson;
import io.residuum.spec.layers.GlobalAveragePool;
import io.residuum.spec.layers.Linear;
import io.residuum.train.Recipe;
import io.residuum.transformer.text.CharTokenizer;
import io.residuum.transformer.text.LabelledText;
import io.residuum.transformer.text.PlainText;
import io.residuum.transformer.text.TextSource;
import io.residuum.transformer.text.TokenFile;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.transformer.text.Tokenizers;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.PictureReader;
import io.residuum.weights.StateDict;
import io.residuum.weights.WeightsException;
import io.residuum.weights.dialect.Dialects;
import io.residuum.weights.dialect.ImportPlan;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.imageio.ImageIO;

/** The kinds of files that users give to the project, with small valid ones. */
final class Kinds {
    private static final int WEIGHTS = 10;
    private static final int SPECS = 3;

    /** Folder for seeds that only a writer of files makes. */
    private final Path folder;

    private final Path model;

    Kinds(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder);
        this.model = folder.resolve("model.safetensors");
        ModelFiles.write(
                model,
                new ModelDescription(tiny(), ModelMetadata.EMPTY),
                path -> new float[size(path)]);
    }

    private static ModelSpec tiny() {
        return new ModelSpec(
                "tiny",
                new InputSpec.Image(List.of(3, 4, 4), List.of(), List.of()),
                new Sequential("", new GlobalAveragePool("pool"), new Linear("fc", 2)));
    }

    private static int size(String path) {
        return (int) tiny().newBlock().namedParameters().get(path).getShape().size();
    }

    List<Kind> all() throws IOException {
        List<Kind> all = new ArrayList<>(readByThemselves());
        all.addAll(new FolderKinds(folder, model).all());
        // Last, because most of them start a process.
        all.add(new Kind("tokenizers", 1, TokenizerSeeds.all(), Kinds::readTokenizer));
        all.add(
                new Kind(
                        "vocabularies",
                        1,
                        TokenizerSeeds.folders(),
                        file -> readTokenizer(Objects.requireNonNull(file.getParent()))));
        return all;
    }

    private List<Kind> readByThemselves() throws IOException {
        return List.of(
                new Kind("weights", WEIGHTS, weights(), Kinds::readWeights),
                new Kind("specs", SPECS, specs(), Kinds::readModel),
                new Kind("recipes", 1, recipes(), Kinds::readRecipe),
                new Kind("dialects", 1, dialects(), this::readDialect),
                new Kind("configs", 1, configs(), Kinds::readModel),
                new Kind("gguf", 1, gguf(), Kinds::readGguf),
                new Kind("pictures", 1, pictures(), Kinds::readPicture),
                new Kind("texts", 1, texts(), Kinds::readText));
    }

    static Kind.Seed json(String file, String text) {
        return new Kind.Seed(file, text.getBytes(StandardCharsets.UTF_8), JsonMutation.TEXT);
    }

    private static Kind.Seed bytes(String file, byte[] content) {
        return new Kind.Seed(file, content, ByteMutation.LITTLE_ENDIAN);
    }

    private static Kind.Seed text(String file, String content) {
        return bytes(file, content.getBytes(StandardCharsets.UTF_8));
    }

    private List<Kind.Seed> weights() throws IOException {
        List<Kind.Seed> seeds = new ArrayList<>();
        byte[] saved = Files.readAllBytes(model);
        seeds.add(bytes("model.safetensors", saved));
        seeds.add(new Kind.Seed("model.safetensors", saved, JsonMutation.SAFETENSORS));
        for (String name :
                List.of(
                        "tensors.pt",
                        "tensors-legacy.pt",
                        "checkpoint.pt",
                        "checkpoint-legacy.pt",
                        "protocol1-legacy.pt",
                        "protocol5.pt",
                        "types.gguf")) {
            String resource = "/io/residuum/weights/" + name;
            try (InputStream in = Kinds.class.getResourceAsStream(resource)) {
                seeds.add(bytes(name, Objects.requireNonNull(in, resource).readAllBytes()));
            }
        }
        seeds.add(bytes("llama2c.bin", llama2c()));
        return seeds;
    }

    /** Returns a file of width 4 with one block and 4 tokens. */
    private static byte[] llama2c() {
        ByteBuffer out =
                ByteBuffer.allocate((7 + 148) * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int size : new int[] {4, 4, 1, 1, 1, 4, 2}) {
            out.putInt(size);
        }
        return out.array();
    }

    private static void readWeights(Path file) {
        try (StateDict weights = StateDict.open(file)) {
            for (String name : weights.names()) {
                try {
                    weights.floats(name);
                } catch (WeightsException e) {
                    // Some element types have no values; the file is valid.
                }
            }
        }
        if (file.toString().endsWith(".safetensors")) {
            Summary.of(ModelSource.of(file).spec());
        }
    }

    private static List<Kind.Seed> specs() throws IOException {
        List<Kind.Seed> seeds = new ArrayList<>();
        Set<Class<?>> families = new HashSet<>();
        for (Preset preset : Presets.all()) {
            if (families.add(preset.spec().network().getClass())) {
                seeds.add(json("spec.json", SpecJson.standard().write(preset.spec())));
            }
        }
        for (Path file : found(Path.of("specs"), ".json")) {
            if (!file.toString().endsWith("-names.json")) {
                seeds.add(json("spec.json", Files.readString(file)));
            }
        }
        seeds.add(
                json(
                        "spec.json",
                        """
                        {"format": "residuum/1", "name": "all", "input":
                          {"type": "image", "shape": [3, 32, 32], "mean": [0.5, 0.5, 0.5],
                           "std": [1, 1, 1]},
                         "network": [
                          {"type": "conv2d", "name": "stem", "filters": 8, "kernel": [3, 5],
                           "padding": [1, 2], "stride": 2, "bias": false},
                          {"type": "repeat", "name": "body", "times": 3, "layer":
                            {"type": "residual", "before": {"norm": "batch", "activation": "relu"},
                             "branch": [{"type": "conv2d", "filters": 8, "kernel": 3, "padding": 1},
                                        {"type": "squeezeExcitation", "reduction": 4}],
                             "scale": {"type": "learned", "init": 0.0}, "dropPath": 0.1}},
                          {"type": "repeat", "name": "shared", "times": 2, "tied": true, "layer":
                            {"type": "parallel", "layers": [
                              {"type": "conv2d", "filters": 8, "kernel": 1},
                              {"type": "activation", "function": "gelu"}]}},
                          {"type": "maxPool2d", "name": "pool", "kernel": 2},
                          {"type": "dropout", "name": "drop", "rate": 0.1},
                          {"type": "globalAveragePool", "name": "mean"},
                          {"type": "linear", "name": "fc", "units": 10}]}
                        """));
        return seeds;
    }

    private static void readModel(Path file) {
        ModelSpec spec = ModelSource.of(file).spec();
        assertFalse(Summary.of(spec).toString().isBlank());
        assertFalse(Summary.of(spec, 3).toString().isBlank());
        SpecJson.standard().write(spec.expand());
    }

    private static List<Kind.Seed> recipes() throws IOException {
        List<Kind.Seed> seeds = new ArrayList<>();
        seeds.add(json("recipe.json", SpecJson.standard().writeAll(Recipe.defaults())));
        seeds.add(
                json(
                        "recipe.json",
                        """
                        {"freeze": ["stem.*", "*norm*"], "epochs": 3, "batch": 8}
                        """));
        for (Path file : found(Path.of("recipes"), ".json")) {
            seeds.add(json("recipe.json", Files.readString(file)));
        }
        return seeds;
    }

    /** Returns the files below a folder with this end of their names, in order. */
    private static List<Path> found(Path folder, String end) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(end)).sorted().toList();
        }
    }

    private static void readRecipe(Path file) {
        SpecJson.standard().write(SpecJson.standard().read(file, Recipe.class));
    }

    private static List<Kind.Seed> dialects() {
        List<Kind.Seed> seeds = new ArrayList<>();
        seeds.add(
                json(
                        "dialect.json",
                        """
                        {"format": "residuum-dialect/1", "name": "d", "about": "x", "rules": [
                          {"ours": "fc.*", "theirs": "head.*"},
                          {"ours": "blocks.{b}.x", "theirs": "layer.{b+1}.x"},
                          {"ours": "stem.weight", "theirs": "c1.weight",
                           "rearrange": "o (h w c) -> o c h w"}],
                         "copies": [{"theirs": "a.{b}", "of": "head.{b}", "beside": "c"}],
                         "ignored": ["*.num_batches_tracked"],
                         "base": {"prefix": "model.", "heads": ["fc.*"]}}
                        """));
        Dialects.standard().all().stream()
                .limit(8)
                .map(table -> json("dialect.json", SpecJson.standard().write(table)))
                .forEach(seeds::add);
        return seeds;
    }

    private void readDialect(Path file) {
        Dialects dialects = Dialects.read(file);
        Layer block = tiny().newBlock();
        try (StateDict weights = StateDict.open(model)) {
            ImportPlan.of(dialects.all().get(0), block, weights).isComplete();
        }
    }

    private static List<Kind.Seed> configs() throws IOException {
        List<Kind.Seed> seeds = new ArrayList<>();
        seeds.add(
                json(
                        "config.json",
                        """
                        {"architecture": "resnet18", "num_classes": 5, "num_features": 512,
                         "pretrained_cfg": {"input_size": [3, 32, 32], "crop_pct": 0.9,
                          "interpolation": "bicubic", "mean": [0.5, 0.4, 0.3],
                          "std": [0.2, 0.3, 0.4], "num_classes": 5}}
                        """));
        for (String folder :
                List.of(
                        "transformer/src/test/resources/io/residuum/transformer/family/peers",
                        "transformer/src/test/resources/io/residuum/transformer/clip/models",
                        "transformer/src/test/resources/io/residuum/transformer/predict/heads",
                        "vision/src/test/resources/io/residuum/vision/peers")) {
            for (Path file : found(Path.of("..", folder), "/config.json")) {
                seeds.add(json("config.json", Files.readString(file)));
            }
        }
        return seeds;
    }

    private static List<Kind.Seed> gguf() throws IOException {
        List<Kind.Seed> seeds = new ArrayList<>();
        Path folder = Path.of("../transformer/src/test/resources/io/residuum/transformer/gguf");
        for (Path file : found(folder, ".gguf")) {
            seeds.add(bytes("model.gguf", Files.readAllBytes(file)));
        }
        return seeds;
    }

    private static void readGguf(Path file) {
        readModel(file);
        ModelSource model = ModelSource.of(file);
        try (StateDict weights = model.openWeights()) {
            for (Supplier<float[]> values :
                    model.plan(model.spec().newBlock(), weights).values().values()) {
                assertNotNull(values.get());
            }
        }
        Tokenizers.of(model)
                .ifPresent(
                        tokenizer -> {
                            try (tokenizer) {
                                use(tokenizer);
                            }
                        });
    }

    private static void readTokenizer(Path file) {
        try (Tokenizer tokenizer = Tokenizers.open(file)) {
            use(tokenizer);
        }
    }

    private static void use(Tokenizer tokenizer) {
        tokenizer.special();
        for (String text : TokenizerSeeds.TEXTS) {
            int[] ids = tokenizer.encodeForModel(text);
            boolean inside = true;
            for (int id : ids) {
                inside &= id < tokenizer.vocabulary();
            }
            if (inside) {
                tokenizer.decode(ids);
            }
        }
    }

    private static List<Kind.Seed> pictures() throws IOException {
        List<Kind.Seed> seeds = new ArrayList<>();
        BufferedImage picture = new BufferedImage(24, 16, BufferedImage.TYPE_INT_RGB);
        Random random = new Random(0);
        for (int i = 0; i < 24 * 16; i++) {
            picture.setRGB(i % 24, i / 24, random.nextInt());
        }
        for (String format : List.of("png", "jpg", "gif", "bmp")) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ImageIO.write(picture, format, out);
            seeds.add(new Kind.Seed("p." + format, out.toByteArray(), ByteMutation.BIG_ENDIAN));
        }
        for (Path file : found(Path.of("../vision/src/test/resources/pictures"), "")) {
            String name = String.valueOf(file.getFileName());
            if (name.matches(".*\\.(png|jpg|gif|bmp|tif|webp)")) {
                seeds.add(bytes(name, Files.readAllBytes(file)));
            }
        }
        return seeds;
    }

    private static void readPicture(Path file) {
        PictureReader.DEFAULT.read(file, new Image());
    }

    private List<Kind.Seed> texts() throws IOException {
        Path plain =
                Files.writeString(folder.resolve("plain.txt"), "to be or not to be\n".repeat(9));
        Path encoded = folder.resolve("plain.tokens");
        TokenFile.write(plain, CharTokenizer.of("abcdefghijklmnopqrstuvwxyz \n"), encoded, n -> {});
        String line = "{\"text\": \"a good film\", \"label\": %d}%n";
        StringBuilder lines = new StringBuilder();
        StringBuilder table = new StringBuilder("text,label\n");
        for (int i = 0; i < 12; i++) {
            lines.append(String.format(Locale.ROOT, line, i % 2));
            table.append("\"a good, film\",").append(i % 2).append('\n');
        }
        return List.of(
                text("rows.jsonl", lines.toString()),
                text("rows.csv", table.toString()),
                text("plain.txt", Files.readString(plain)),
                bytes("plain.tokens", Files.readAllBytes(encoded)),
                text(
                        "vocab.txt",
                        "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nthe\nun\n##aff\n##able\n,\n"),
                bytes("scored.bin", scored()));
    }

    private static byte[] scored() {
        List<String> tokens = new ArrayList<>(List.of("<unk>", "\n<s>\n", "\n</s>\n"));
        for (int i = 0; i < 256; i++) {
            tokens.add(String.format(Locale.ROOT, "<0x%02X>", i));
        }
        tokens.addAll(List.of(" ", "a", "b", "ab", " a"));
        ByteBuffer out = ByteBuffer.allocate(1 << 14).order(ByteOrder.LITTLE_ENDIAN).putInt(7);
        for (String token : tokens) {
            byte[] bytes = token.getBytes(StandardCharsets.UTF_8);
            out.putFloat(-1).putInt(bytes.length).put(bytes);
        }
        byte[] all = new byte[out.position()];
        out.flip().get(all);
        return all;
    }

    private static void readText(Path file) {
        String name = file.toString();
        if (name.endsWith(".bin") || name.endsWith("vocab.txt")) {
            readTokenizer(file);
        } else if (name.endsWith(".tokens")) {
            TokenFile tokens = TokenFile.open(file);
            tokens.tokens().slice(0, Math.min(10, tokens.tokens().size()));
            tokens.tokenizer().close();
        } else {
            boolean rows = !name.endsWith(".txt");
            TextSource source = TextSource.parse((rows ? "labelled:" : "text:") + file);
            open(source);
        }
    }

    private static void open(TextSource source) {
        if (source instanceof LabelledText labelled) {
            labelled.open();
        } else if (source instanceof PlainText plain) {
            plain.open();
        }
    }
}

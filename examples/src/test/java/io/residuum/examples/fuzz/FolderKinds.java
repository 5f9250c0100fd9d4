package io.residuum.examples.fuzz;

import blue.strategic.parquet.ParquetWriter;
import io.residuum.data.Parts;
import io.residuum.emit.Quantization;
import io.residuum.model.InputFile;
import io.residuum.model.ModelFiles;
import io.residuum.model.ModelSource;
import io.residuum.model.Summary;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.RunFolder;
import io.residuum.train.rows.RowHeader;
import io.residuum.train.rows.RowTable;
import io.residuum.train.samples.ArraySamples;
import io.residuum.train.study.Study;
import io.residuum.transformer.generate.ChatFormat.Message;
import io.residuum.transformer.generate.GenerationSettings;
import io.residuum.transformer.generate.template.ChatTemplate;
import io.residuum.transformer.text.pairs.TextTupleSplits;
import io.residuum.vision.data.DataSource;
import io.residuum.vision.data.ImageSet;
import io.residuum.vision.detect.DetectionSet;
import io.residuum.vision.detect.DetectionSource;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import io.residuum.vision.image.PictureReader;
import io.residuum.vision.train.PairSource;
import io.residuum.weights.QuantizedStateDict;
import io.residuum.weights.Safetensors;
import io.residuum.weights.SafetensorsWriter;
import io.residuum.weights.StateDict;
import io.residuum.weights.TensorType;
import io.residuum.weights.dialect.Dialects;
import io.residuum.weights.peft.PeftFolder;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.imageio.ImageIO;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Types;

/** The kinds of files that are read with others in their folder: data sets and models. */
final class FolderKinds {
    private static final Path ADAPTERS =
            Path.of("../transformer/src/test/resources/io/residuum/transformer/peft");

    private static final String BERT =
            """
            {"model_type": "bert", "architectures": ["BertModel"], "vocab_size": 100,
             "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4,
             "intermediate_size": 64, "max_position_embeddings": 16, "type_vocab_size": 2}
            """;

    private static final String GPT =
            """
            {"model_type": "gpt2", "vocab_size": 100, "n_positions": 16, "n_embd": 32,
             "n_layer": 2, "n_head": 4, "bos_token_id": 1, "eos_token_id": [2, 3]}
            """;

    private static final String VIT =
            """
            {"model_type": "vit", "architectures": ["ViTForImageClassification"],
             "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4,
             "intermediate_size": 64, "image_size": 32, "patch_size": 8, "num_channels": 3}
            """;

    private final Path folder;
    private final Path model;
    private final byte[] picture = picture();

    /**
     * Creates the kinds.
     *
     * @param folder a folder for seeds that only a writer of files makes
     * @param model a saved network of images of 3 channels with a linear layer {@code fc}
     */
    FolderKinds(Path folder, Path model) throws IOException {
        this.folder = folder;
        this.model = model;
    }

    List<Kind> all() throws IOException {
        return List.of(
                new Kind("boxes", 1, boxes(), FolderKinds::readBoxes),
                new Kind("adapters", 1, adapters(), FolderKinds::readAdapter),
                new Kind("modules", 1, modules(), FolderKinds::readConfig),
                new Kind("processors", 1, processors(), FolderKinds::readConfig),
                new Kind("generation", 1, generation(), FolderKinds::readGeneration),
                new Kind("templates", 1, templates(), FolderKinds::readTemplate),
                new Kind("shards", 1, shards(), FolderKinds::readShards),
                new Kind("quantized", 1, quantized(), FolderKinds::readQuantized),
                new Kind("studies", 1, studies(), file -> Study.read(file)),
                new Kind("tables", 1, tables(), FolderKinds::readTable),
                new Kind("images", 1, images(), FolderKinds::readImages),
                new Kind("tensors", 1, tensors(), this::readTensors),
                new Kind("metrics", 1, metrics(), FolderKinds::readMetrics));
    }

    private List<Kind.Seed> shards() throws IOException {
        byte[] shard = Files.readAllBytes(model);
        return List.of(
                json(
                        "model.safetensors.index.json",
                        """
                        {"metadata": {"total_size": 32}, "weight_map": {
                          "fc.weight": "model-00001-of-00002.safetensors",
                          "fc.bias": "model-00002-of-00002.safetensors"}}
                        """,
                        Map.of(
                                "model-00001-of-00002.safetensors",
                                shard,
                                "model-00002-of-00002.safetensors",
                                shard)));
    }

    private static void readShards(Path file) {
        try (StateDict weights = StateDict.open(up(file))) {
            weights.names().forEach(weights::floats);
        }
    }

    private static byte[] picture() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(new BufferedImage(12, 8, BufferedImage.TYPE_BYTE_GRAY), "png", out);
        return out.toByteArray();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Kind.Seed json(String file, String text, Map<String, byte[]> beside) {
        return new Kind.Seed(file, utf8(text), JsonMutation.TEXT, beside);
    }

    private static Kind.Seed text(String file, String text, Map<String, byte[]> beside) {
        return new Kind.Seed(file, utf8(text), ByteMutation.LITTLE_ENDIAN, beside);
    }

    private List<Kind.Seed> boxes() {
        Map<String, byte[]> pictures = Map.of("images/a.png", picture, "JPEGImages/a.jpg", picture);
        return List.of(
                json(
                        "coco.json",
                        """
                        {"info": {"year": 2020}, "licenses": [],
                         "images": [{"id": 1, "file_name": "a.png", "width": 12, "height": 8}],
                         "categories": [{"id": 3, "name": "cat"}, {"id": 7, "name": "dog"}],
                         "annotations": [
                          {"id": 1, "image_id": 1, "category_id": 3, "bbox": [1, 2, 3.5, 4],
                           "area": 14, "iscrowd": 0, "segmentation": [[1, 2, 3, 4, 5, 6]]},
                          {"id": 2, "image_id": 1, "category_id": 7, "bbox": [0, 0, 9, 8],
                           "iscrowd": 1, "segmentation": {"size": [8, 12], "counts": [96]}}]}
                        """,
                        pictures),
                text(
                        "Annotations/a.xml",
                        """
                        <?xml version="1.0" encoding="UTF-8"?>
                        <annotation><filename>a.jpg</filename><size><width>12</width>
                        <height>8</height><depth>3</depth></size>
                        <object><name>cat &amp; dog</name><difficult>0</difficult>
                        <bndbox><xmin>1</xmin><ymin>2</ymin><xmax>9</xmax><ymax>8</ymax></bndbox>
                        <part><name>head</name><bndbox><xmin>1</xmin></bndbox></part></object>
                        </annotation>
                        """,
                        pictures));
    }

    private static void readBoxes(Path file) {
        boolean voc = file.toString().endsWith(".xml");
        Path source = voc ? up(up(file)) : file;
        DetectionSet set =
                DetectionSource.parse(voc, source.toString())
                        .open(0, PictureReader.DEFAULT)
                        .train();
        for (int i = 0; i < set.size(); i++) {
            set.readImage(i, new Image());
            set.objects(i);
        }
    }

    private static Path up(Path file) {
        return Objects.requireNonNull(file.getParent());
    }

    private static List<Kind.Seed> adapters() throws IOException {
        List<Kind.Seed> seeds = new ArrayList<>();
        for (String name : List.of("bert", "gpt2dora")) {
            Path from = ADAPTERS.resolve(name).resolve("adapter");
            byte[] config = Files.readAllBytes(from.resolve(PeftFolder.CONFIG));
            byte[] weights = Files.readAllBytes(from.resolve(PeftFolder.WEIGHTS));
            byte[] base =
                    Files.readAllBytes(
                            ADAPTERS.resolve(name).resolve("base").resolve("config.json"));
            seeds.add(
                    new Kind.Seed(
                            PeftFolder.CONFIG,
                            config,
                            JsonMutation.TEXT,
                            Map.of(PeftFolder.WEIGHTS, weights, "base/config.json", base)));
            seeds.add(
                    new Kind.Seed(
                            PeftFolder.WEIGHTS,
                            weights,
                            JsonMutation.SAFETENSORS,
                            Map.of(PeftFolder.CONFIG, config, "base/config.json", base)));
        }
        return seeds;
    }

    private static void readAdapter(Path file) {
        ModelSpec base = ModelSource.of(file.resolveSibling("base")).spec();
        PeftFolder.Contents read = PeftFolder.read(up(file), base, Dialects.standard());
        Summary.of(base.withAdapters(read.adapters()));
    }

    private static List<Kind.Seed> modules() {
        Map<String, String> files =
                Map.of(
                        "modules.json",
                        """
                        [{"idx": 0, "name": "0", "path": "",
                          "type": "sentence_transformers.models.Transformer"},
                         {"idx": 1, "name": "1", "path": "1_Pooling",
                          "type": "sentence_transformers.models.Pooling"},
                         {"idx": 2, "name": "2", "path": "2_Dense",
                          "type": "sentence_transformers.models.Dense"},
                         {"idx": 3, "name": "3", "path": "3_Normalize",
                          "type": "sentence_transformers.models.Normalize"}]
                        """,
                        "1_Pooling/config.json",
                        """
                        {"word_embedding_dimension": 32, "pooling_mode_cls_token": false,
                         "pooling_mode_mean_tokens": true, "include_prompt": true}
                        """,
                        "2_Dense/config.json",
                        """
                        {"in_features": 32, "out_features": 16, "bias": true,
                         "activation_function": "torch.nn.modules.activation.Tanh"}
                        """,
                        "sentence_bert_config.json",
                        "{\"max_seq_length\": 12, \"do_lower_case\": false}",
                        "tokenizer_config.json",
                        "{\"model_max_length\": 14, \"tokenizer_class\": \"BertTokenizer\"}",
                        "config_sentence_transformers.json",
                        """
                        {"prompts": {"query": "query: ", "document": ""},
                         "default_prompt_name": "query", "similarity_fn_name": "dot"}
                        """,
                        "config.json",
                        BERT);
        return files.keySet().stream()
                .sorted()
                .map(
                        name -> {
                            Map<String, byte[]> beside = new HashMap<>();
                            files.forEach((other, text) -> beside.put(other, utf8(text)));
                            beside.remove(name);
                            return json(name, Objects.requireNonNull(files.get(name)), beside);
                        })
                .toList();
    }

    /** Reads the configuration in the folder or above it. */
    private static void readConfig(Path file) {
        Path modules = file.resolveSibling("modules.json");
        Path folder = up(file);
        boolean below = !Files.exists(modules) && Files.exists(up(folder).resolve("modules.json"));
        ModelSource source = ModelSource.of(below ? up(folder) : folder);
        Summary.of(source.spec());
        SpecJson.standard().write(source.spec().expand());
    }

    private static List<Kind.Seed> processors() {
        return List.of(
                json(
                        "preprocessor_config.json",
                        """
                        {"do_resize": true, "size": {"height": 32, "width": 32}, "resample": 3,
                         "do_center_crop": false, "crop_size": {"height": 32, "width": 32},
                         "do_rescale": true, "rescale_factor": 0.00392156862745098,
                         "do_normalize": true, "image_mean": [0.5, 0.4, 0.3],
                         "image_std": [0.5, 0.2, 0.3]}
                        """,
                        Map.of("config.json", utf8(VIT))),
                json(
                        "preprocessor_config.json",
                        """
                        {"do_resize": true, "size": {"shortest_edge": 36}, "crop_pct": 0.875,
                         "do_center_crop": true, "crop_size": 32, "resample": 2}
                        """,
                        Map.of("config.json", utf8(VIT))));
    }

    private static List<Kind.Seed> generation() {
        return List.of(
                json(
                        "generation_config.json",
                        """
                        {"bos_token_id": 1, "eos_token_id": [2, 3], "pad_token_id": 0,
                         "suppress_tokens": [4], "begin_suppress_tokens": [5, 6],
                         "bad_words_ids": [[7], [8, 9]], "sequence_bias": [[[7, 8], -1.5]],
                         "forced_bos_token_id": 1, "forced_eos_token_id": [2],
                         "exponential_decay_length_penalty": [3, 1.1], "num_beams": 4,
                         "encoder_no_repeat_ngram_size": 3, "temperature": 0.7, "top_k": 5}
                        """,
                        Map.of("config.json", utf8(GPT))));
    }

    private static void readGeneration(Path file) {
        GenerationSettings.read(file.resolveSibling("config.json"));
    }

    private static List<Kind.Seed> templates() {
        return List.of(
                template(
                        """
                        {{ bos_token }}{% for m in messages if m.role != 'tool' -%}
                        {% if loop.first and m['role'] == 'system' %}<s>{{ m.content | trim }}
                        {%- elif (m.role == 'user') == (loop.index0 % 2 == 1) %}
                        {{ '[' ~ m.content.split('x')[-1] ~ ']' * 2 }}{% else %}
                        {{ raise_exception('roles must alternate') }}{% endif %}
                        {%- endfor %}{% if add_generation_prompt %}<a>{% endif %}
                        """),
                template(
                        """
                        {% macro line(role, text='') %}{{ role | upper }}: {{ text }}
                        {% endmacro %}{% set n = namespace(count=0, all=[]) %}
                        {% for i in range(messages | length) %}{% set n.count = n.count + i %}
                        {% set n.all = n.all + [messages[i].role] %}
                        {{ line(messages[i].role, text=messages[i].content.replace('a', 'bb')) }}
                        {% endfor %}{{ n.all[::-1] | join(', ') }} {{ n.count // 2 }}
                        {{ messages | tojson(indent=2) }} {{ messages[0] is defined }}
                        """));
    }

    private static Kind.Seed template(String text) {
        return text("chat_template.jinja", text, Map.of("config.json", utf8(GPT)));
    }

    private static void readTemplate(Path file) {
        ModelSource source = ModelSource.of(file.resolveSibling("config.json"));
        ChatTemplate.of(source.metadata())
                .orElseThrow()
                .prompt(List.of(new Message("system", "Say a"), new Message("user", "box axe")));
    }

    private List<Kind.Seed> quantized() throws IOException {
        Path file = folder.resolve("quantized.safetensors");
        try (Safetensors from = Safetensors.open(model)) {
            new SafetensorsWriter()
                    .metadata(
                            ModelFiles.SPEC,
                            Objects.requireNonNull(from.metadata().get(ModelFiles.SPEC)))
                    .metadata(
                            QuantizedStateDict.KEY,
                            "{\"bits\": 8, \"group\": 0, \"layers\": {\"fc.weight\":"
                                    + " {\"input\": [0.02, 128], \"output\": [0.5, 3]}}}")
                    .copy("fc.bias", from, "fc.bias")
                    .addBytes("fc.weight", TensorType.I8, new long[] {2, 3}, () -> new byte[6])
                    .add("fc.weight" + QuantizedStateDict.SCALE, new long[] {2}, new float[2])
                    .write(file);
        }
        byte[] bytes = Files.readAllBytes(file);
        String name = "quantized.safetensors";
        return List.of(
                new Kind.Seed(name, bytes, JsonMutation.SAFETENSORS),
                new Kind.Seed(name, bytes, ByteMutation.LITTLE_ENDIAN));
    }

    private static void readQuantized(Path file) {
        try (StateDict weights = StateDict.open(file)) {
            for (String name : weights.names()) {
                weights.floats(name);
            }
            String ranges = weights.metadata().get(QuantizedStateDict.KEY);
            if (ranges != null) {
                Quantization.parse(ranges);
            }
        }
        Summary.of(ModelSource.of(file).spec());
    }

    private static List<Kind.Seed> studies() {
        return List.of(
                json(
                        "study.json",
                        """
                        {"description": "depth", "data": "digits", "model":
                          {"base": "resnet20", "network": {"depth": {"oneOf": [20, 32]}}},
                         "recipe": {"epochs": 2, "learningRate": {"oneOf": {"a": 0.1, "b": 0.2}}},
                         "seeds": [1, 2], "measure": "accuracy"}
                        """,
                        Map.of()),
                json(
                        "study.json",
                        """
                        {"data": "digits", "model": "resnet20", "variants":
                          {"plain": {}, "fast": {"recipe": {"batch": 64}}},
                         "recipe": {"learningRate": {"range": [0.001, 1], "scale": "log"}},
                         "search": {"type": "successiveHalving", "runs": 4}, "seeds": 2,
                         "measure": {"measure": "loss", "direction": "lowest"}}
                        """,
                        Map.of()));
    }

    private List<Kind.Seed> tables() throws IOException {
        StringBuilder pairs = new StringBuilder("anchor,positive,negative\n");
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 12; i++) {
            pairs.append("question ").append(i).append(",\"answer, ").append(i).append("\",no\n");
            lines.append("{\"size\": ").append(i).append(", \"zone\": \"a\", \"price\": null}\n");
        }
        return List.of(
                new Kind.Seed("table.parquet", parquet(), ByteMutation.LITTLE_ENDIAN),
                text("table.jsonl", lines.toString(), Map.of()),
                text("table.tsv", "size\tzone\n1\ta\n2\t\"b\tc\"\n", Map.of()),
                text("pairs.csv", pairs.toString(), Map.of()),
                json(
                        "header.json",
                        """
                        {"columns": {"size": {"type": "number", "mean": 3, "std": 2},
                          "zone": {"type": "category", "values": ["a", "b"]}},
                         "inputs": {"input": ["size"]}, "targets": {"output": ["zone"]},
                         "ignore": ["id"], "missing": ["", "NA"]}
                        """,
                        Map.of()));
    }

    private byte[] parquet() throws IOException {
        Path file = folder.resolve("table.parquet");
        MessageType schema =
                Types.buildMessage()
                        .optional(PrimitiveTypeName.DOUBLE)
                        .named("size")
                        .optional(PrimitiveTypeName.BINARY)
                        .as(LogicalTypeAnnotation.stringType())
                        .named("zone")
                        .named("houses");
        try (ParquetWriter<Object[]> writer =
                ParquetWriter.writeFile(
                        schema,
                        file.toFile(),
                        (row, out) -> {
                            out.write("size", row[0]);
                            out.write("zone", row[1]);
                        })) {
            for (int i = 0; i < 40; i++) {
                writer.write(new Object[] {i / 2.0, "zone " + i % 3});
            }
        }
        return Files.readAllBytes(file);
    }

    private static void readTable(Path file) {
        String name = String.valueOf(file.getFileName());
        if (name.endsWith(".json")) {
            RowHeader.read(file).json();
        } else if (name.startsWith("pairs")) {
            TextTupleSplits.open(Parts.parse("text-pairs", file.toString()), 0.1);
        } else {
            RowTable table = RowTable.read(file);
            table.columns().forEach(table::isNumeric);
        }
    }

    private List<Kind.Seed> images() {
        ByteBuffer pixels = ByteBuffer.allocate(16 + 4 * 6);
        pixels.putInt(0x803).putInt(4).putInt(2).putInt(3);
        ByteBuffer labels = ByteBuffer.allocate(8 + 4);
        labels.putInt(0x801).putInt(4).put(new byte[] {0, 1, 2, 3});
        String images = "t10k-images-idx3-ubyte";
        String classes = "t10k-labels-idx1-ubyte";
        return List.of(
                new Kind.Seed(
                        images,
                        pixels.array(),
                        ByteMutation.BIG_ENDIAN,
                        Map.of(classes, labels.array())),
                new Kind.Seed(
                        classes,
                        labels.array(),
                        ByteMutation.BIG_ENDIAN,
                        Map.of(images, pixels.array())),
                new Kind.Seed("cifar.bin", new byte[3073], ByteMutation.BIG_ENDIAN),
                new Kind.Seed(
                        "masks/a.png",
                        picture,
                        ByteMutation.BIG_ENDIAN,
                        Map.of("images/a.png", picture)));
    }

    private static void readImages(Path file) {
        String name = String.valueOf(file.getFileName());
        if (name.equals("a.png")) {
            PairSource.parse(up(up(file)).toString())
                    .forEvaluation(segmentation(), PictureReader.DEFAULT)
                    .test()
                    .orElseThrow()
                    .get(0);
            return;
        }
        String source = name.endsWith(".bin") ? "cifar10:" + file : "mnist:" + up(file);
        DataSource data = DataSource.parse(source);
        ImageSet set = data.forEvaluation(new ImageShape(3, 8, 8));
        set.read(0, new Image());
    }

    private static ModelSpec segmentation() {
        return SpecJson.standard()
                .parse(
                        """
                        {"format": "residuum/1", "name": "s", "input":
                          {"type": "image", "shape": [1, 8, 12]}, "network": [
                           {"type": "conv2d", "name": "c", "filters": 4, "kernel": 1}]}
                        """,
                        "seed",
                        ModelSpec.class);
    }

    private List<Kind.Seed> tensors() throws IOException {
        Path inputs = folder.resolve("inputs.safetensors");
        new SafetensorsWriter().add("input", new long[] {2, 3, 4, 4}, new float[96]).write(inputs);
        Path samples = folder.resolve("samples.safetensors");
        new SafetensorsWriter()
                .add("input", new long[] {2, 3, 4, 4}, new float[96])
                .add("output", new long[] {2}, new long[] {0, 1})
                .write(samples);
        List<Kind.Seed> seeds = new ArrayList<>();
        for (Path file : List.of(inputs, samples)) {
            byte[] bytes = Files.readAllBytes(file);
            String name = String.valueOf(file.getFileName());
            seeds.add(new Kind.Seed(name, bytes, JsonMutation.SAFETENSORS));
            seeds.add(new Kind.Seed(name, bytes, ByteMutation.LITTLE_ENDIAN));
        }
        return seeds;
    }

    private void readTensors(Path file) {
        ModelSpec spec = ModelSource.of(model).spec();
        if (file.endsWith("inputs.safetensors")) {
            InputFile.open(spec, file, List.of()).close();
            return;
        }
        try (ArraySamples samples = ArraySamples.open(spec, file)) {
            samples.get(samples.size() - 1);
        }
    }

    private static List<Kind.Seed> metrics() {
        String line =
                "{\"type\": \"epoch\", \"epoch\": %d, \"steps\": 3, \"trainLoss\": 0.5,"
                        + " \"learningRate\": 0.1, \"samplesPerSecond\": 9, \"seconds\": 1,"
                        + " \"waitedSeconds\": 0}\n";
        String lines = line.formatted(1) + line.formatted(2);
        return List.of(text("metrics.jsonl", lines, Map.of()));
    }

    private static void readMetrics(Path file) {
        new RunFolder(up(file)).readMetrics().forEach(Objects::requireNonNull);
    }
}

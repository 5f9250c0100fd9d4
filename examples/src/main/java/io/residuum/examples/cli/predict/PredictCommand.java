package io.residuum.examples.cli.predict;

import io.residuum.engine.Backend;
import io.residuum.examples.cli.options.BackendOptions;
import io.residuum.examples.cli.options.CompileOption;
import io.residuum.examples.cli.options.HelpSection;
import io.residuum.examples.cli.options.MaxPixelsOption;
import io.residuum.examples.cli.options.ModelArgument;
import io.residuum.examples.cli.options.Options;
import io.residuum.examples.cli.options.Output;
import io.residuum.examples.cli.options.ResultFormat;
import io.residuum.examples.cli.options.TextHeadOptions;
import io.residuum.examples.cli.options.TokenizerOption;
import io.residuum.examples.cli.options.WeightsOption;
import io.residuum.examples.cli.task.TextSetup;
import io.residuum.json.JsonText;
import io.residuum.model.ClassActivation;
import io.residuum.model.Classification;
import io.residuum.model.InputFile;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.model.TensorPrediction;
import io.residuum.train.rows.RowHeader;
import io.residuum.train.rows.RowPredictions;
import io.residuum.train.rows.RowTable;
import io.residuum.transformer.predict.TextClassifier;
import io.residuum.transformer.predict.TextModel;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.transformer.text.Utf8;
import io.residuum.transformer.train.TextEncoder;
import io.residuum.transformer.train.TextSettings;
import io.residuum.vision.detect.ObjectDetector;
import io.residuum.vision.predict.ImageInput;
import io.residuum.vision.predict.ImageToImage;
import io.residuum.vision.train.ImageMapping;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs a network on images, texts or a tensor. */
@Command(
        name = "predict",
        description = {
            "Run a network on images, texts, rows of a table, or a tensor.",
            "",
            "Images are resized, cropped and normalized as the network's spec says. Texts are"
                    + " encoded by the tokenizer saved with the model. The most probable classes"
                    + " are printed. A network that maps images to images, such as a U-Net, writes"
                    + " masks or pictures to --output. A detector prints boxes, or draws them"
                    + " into --output. A tensor is used without changes, and the"
                    + " logits are written.",
            ""
        },
        footer = {
            "  residuum predict runs/first seven.png",
            "  residuum predict runs/first photos 'more/*.jpg' --format csv",
            "  residuum predict clip-vit-base-patch32 photos --labels 'a cat,a dog'",
            "  residuum predict runs/topics --text 'The train is late.' --top 1",
            "  residuum predict bert-ner --text 'Ada lives in London.' --json",
            "  residuum predict bert-qa --question 'Where?' --context 'Ada lives in London.'",
            "  residuum predict runs/houses --input houses.csv --output prices.csv"
        })
@HelpSection("Use")
public final class PredictCommand implements Callable<Integer> {

    private static final int TOP = 5;

    @Spec private CommandSpec spec;

    @Mixin private ModelArgument model;

    @Parameters(
            index = "1..*",
            paramLabel = "IMAGE",
            description =
                    "Picture files (JPEG, PNG, GIF, BMP, TIFF, WebP), folders of them, patterns in"
                            + " quotes such as 'pics/*.jpg', or - for standard input.")
    private List<String> images = List.of();

    @Mixin private MaxPixelsOption maxPixels;

    @Option(
            names = "--text",
            paramLabel = "TEXT",
            description =
                    "Text to classify, to tag, or with masks to fill, as the model's head says; -"
                            + " reads one from each line of standard input. Repeatable.")
    private List<String> texts = List.of();

    @Mixin private TextHeadOptions heads;

    @Mixin private HeadOption head;

    @Mixin private Detections detections;

    @Mixin private ZeroShotOptions zeroShot;

    @Mixin private TokenizerOption tokenizer;

    @Mixin private WeightsOption weights;

    @Option(
            names = "--input",
            paramLabel = "FILE",
            description =
                    "A safetensors file with the tensor \"input\", (N, ...) in the network's input"
                            + " shape, and side inputs by name: \"mask\" (1 for tokens, 0 for"
                            + " padding), \"segments\", \"source\", \"sourceMask\". Names of"
                            + " transformers such as \"attention_mask\" work, too. A tensor that"
                            + " the network does not read is an error. Or a table of rows"
                            + " (.csv, .tsv, .jsonl, .parquet) for a model that was trained on"
                            + " rows.")
    private @Nullable Path input;

    @Option(
            names = "--ignore",
            paramLabel = "NAME",
            description = "Leave out a tensor or column of the --input file. Repeatable.")
    private List<String> ignored = List.of();

    @Option(
            names = "--output",
            paramLabel = "FILE",
            description =
                    "The safetensors file to write, with the tensor \"output\", float32, and for"
                            + " a network of several heads one tensor for each further head. For"
                            + " rows, a .csv or .jsonl file; by default CSV is printed. For images"
                            + " of a network that maps images to images, FILE.png or a folder.")
    private @Nullable Path out;

    @Option(
            names = {"--batch", "--batch-size"},
            paramLabel = "N",
            defaultValue = "64",
            description = "Batch size. Default: ${DEFAULT-VALUE}")
    private int batch;

    @Option(
            names = "--top",
            paramLabel = "N",
            description =
                    "Print the N most probable classes, tokens for a mask, passages or answers"
                            + " (top-k). Default: "
                            + TOP
                            + "; one answer")
    private @Nullable Integer top;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description =
                    "Print classes or rows as text, csv (with --top N, N lines a sample), json (an"
                            + " array) or jsonl (an object a line). Default: text; csv for rows")
    private @Nullable ResultFormat format;

    @Option(names = "--json", description = "The same as --format json.")
    private boolean json;

    @Mixin private CompileOption compile;

    @Mixin private BackendOptions backend;

    @Override
    public Integer call() {
        Output output = Output.of(spec);
        Options.atLeast(spec, "--batch", batch, 1);
        if (top != null) {
            Options.atLeast(spec, "--top", top, 1);
        }
        weights.check();
        compile.check();
        checkMode();
        ModelSource chosen = weights.on(model.resolve());
        if (input != null) {
            return RowTable.isTable(input) ? rows(chosen, output) : tensors(chosen, output);
        }
        return readsText() ? texts(chosen, output) : images(chosen, output);
    }

    private int images(ModelSource chosen, Output output) {
        boolean detects = ObjectDetector.isDetector(chosen.spec());
        if (!detects) {
            detections.refuse(spec);
        }
        head.check(!detects && !zeroShot.isGiven() && out == null);
        zeroShot.check(chosen); // fails before an engine is loaded
        if (out != null) {
            return drawn(chosen, out, output);
        }
        if (ImageMapping.isIn(chosen.spec())) {
            throw Options.wrong(
                    spec,
                    "%s maps images to images: give --output FILE.png, or a folder for several",
                    chosen.label());
        }
        List<Picture> pictures = Picture.all(images, maxPixels.reader(spec), output);
        try (Backend engine = backend.open(output);
                Network network = zeroShot.open(chosen, weights, tokenizer, engine, output)) {
            compile.applyLater(network, output);
            if (detects) {
                detections.print(spec, network, pictures, batch, top, results(output));
                return 0;
            }
            List<ImageInput> inputs = pictures.stream().map(Picture::input).toList();
            List<Classification> found = head.images(network).classify(inputs, batch);
            List<String> names = pictures.stream().map(Picture::name).toList();
            int count = top == null ? TOP : top;
            ClassActivation activation = ClassActivation.of(network.metadata());
            results(output).classes("image", names, found, count, activation);
        }
        return 0;
    }

    private int drawn(ModelSource chosen, Path to, Output output) {
        boolean detects = ObjectDetector.isDetector(chosen.spec());
        if (!detects) {
            ImageMapping.of(chosen.spec()); // fails before an engine is loaded
        }
        Picture.requireTarget(spec, to);
        List<Picture> pictures = Picture.all(images, maxPixels.reader(spec), output);
        Map<Path, ImageInput> files = Picture.targets(spec, pictures, to);
        try (Backend engine = backend.open(output);
                Network network = weights.open(chosen, engine, output)) {
            compile.applyLater(network, output);
            if (detects) {
                detections.draw(spec, network, files, batch);
            } else {
                ImageToImage.of(network).write(files, batch);
            }
            output.note(
                    Picture.isOne(to) ? "wrote    %s" : "wrote    %s: %,d pictures",
                    to,
                    files.size());
        }
        return 0;
    }

    private int tensors(ModelSource chosen, Output output) {
        Path to = Objects.requireNonNull(out);
        try (InputFile inputs =
                        InputFile.open(chosen.spec(), Objects.requireNonNull(input), ignored);
                Backend engine = backend.open(output);
                Network network = weights.open(chosen, engine, output)) {
            compile.applyLater(network, output);
            inputs.renamed().forEach(line -> output.note("input    " + line));
            String written =
                    TensorPrediction.write(network, inputs, batch, to).entrySet().stream()
                            .map(e -> e.getKey() + " " + e.getValue())
                            .collect(Collectors.joining(", "));
            output.note("wrote    %s: %s".formatted(to, written));
        }
        return 0;
    }

    private int rows(ModelSource chosen, Output output) {
        RowTable table = RowTable.read(Objects.requireNonNull(input));
        RowHeader.required(chosen.metadata()); // fails before an engine is loaded
        try (Backend engine = backend.open(output);
                Network network = weights.open(chosen, engine, output)) {
            compile.applyLater(network, output);
            List<Map<String, Object>> rows =
                    new RowPredictions(network).predict(table, batch, ignored);
            if (out != null) {
                RowPredictions.write(rows, out);
                output.note("wrote    %s: %,d rows", out, rows.size());
            } else {
                results(output).rows(rows);
            }
        }
        return 0;
    }

    private int texts(ModelSource chosen, Output output) {
        TextSettings.input(chosen);
        List<String> lines = texts.stream().flatMap(PredictCommand::lines).toList();
        heads.check(spec, lines.size());
        head.checkTexts(heads.readSingleTexts(), chosen);
        if (!head.isGiven()) {
            heads.check(spec, chosen, top != null);
        }
        boolean classifies = head.isGiven() || TextHeads.classifies(chosen.spec(), heads);
        try (Tokenizer encoder = TextSetup.required(chosen, tokenizer);
                Backend engine = backend.open(output);
                Network network = weights.open(chosen, engine, output)) {
            compile.applyLater(network, output);
            TextEncoder reading = TextEncoder.of(network, encoder);
            if (classifies) {
                lines.stream()
                        .filter(reading::cuts)
                        .forEach(text -> output.warn(cut(text, reading.length())));
                classes(lines, network, encoder, output);
            } else {
                int count = top == null ? (heads.question() == null ? TOP : 1) : top;
                try (TextModel text = TextModel.of(network, encoder).withBatch(batch)) {
                    TextHeads asked = new TextHeads(text, heads, batch, count);
                    asked.cuts(lines).forEach(output::warn);
                    results(output).rows(asked.rows(lines));
                }
            }
        }
        return 0;
    }

    private void classes(List<String> lines, Network network, Tokenizer encoder, Output output) {
        try (TextClassifier classifier = head.texts(network, encoder)) {
            List<Classification> found = classifier.classify(lines, batch);
            int count = top == null ? TOP : top;
            results(output).classes("text", lines, found, count, classifier.activation());
        }
    }

    private static String cut(String text, int length) {
        return "only the first %d tokens are read of %s".formatted(length, JsonText.quote(text));
    }

    /** Returns a text, or those of standard input. */
    private static Stream<String> lines(String text) {
        return text.equals(Picture.STANDARD_INPUT)
                ? Utf8.decode(Picture.standardInput(), "standard input").lines()
                : Stream.of(text);
    }

    private Results results(Output output) {
        ResultFormat usual = input == null ? ResultFormat.TEXT : ResultFormat.CSV;
        return new Results(format == null ? (json ? ResultFormat.JSON : usual) : format, output);
    }

    private boolean readsText() {
        return !texts.isEmpty() || heads.question() != null;
    }

    private void checkMode() {
        heads.check(spec, texts.size());
        head.check(input == null);
        boolean pictures = out != null && !images.isEmpty();
        boolean tensors = input != null || (out != null && !pictures);
        boolean rows = input != null && RowTable.isTable(input);
        if (tensors && (input == null || (out == null && !rows))) {
            throw Options.wrong(
                    spec, "--input and --output must be given together, or images and --output");
        }
        if ((tensors || pictures)
                && (top != null || ((json || format != null) && (!rows || out != null)))) {
            throw Options.wrong(
                    spec,
                    "--top and --json or --format are for classes, not for --input or --output");
        }
        if (json && format != null) {
            throw Options.wrong(spec, "--json is --format json; give one of them");
        }
        if (rows && format == ResultFormat.TEXT) {
            throw Options.wrong(spec, "--format must be csv, json or jsonl for rows, got text");
        }
        if (out != null && rows) {
            Options.requireSuffix(spec, "--output", out, ".csv", ".jsonl");
        } else if (out != null && !pictures) {
            Options.requireSuffix(spec, "--output", out, ".safetensors");
        }
        if ((tensors ? 1 : 0) + (images.isEmpty() ? 0 : 1) + (readsText() ? 1 : 0) != 1) {
            throw Options.wrong(
                    spec,
                    "give either images, or texts with --text, or --input FILE and --output FILE");
        }
        if (!ignored.isEmpty() && input == null) {
            throw Options.wrong(spec, "--ignore is for --input");
        }
        if (images.isEmpty()) {
            detections.refuse(spec);
            if (maxPixels.isGiven()) {
                throw Options.wrong(spec, "--max-pixels is for images");
            }
        }
        if (zeroShot.isGiven() && (images.isEmpty() || out != null)) {
            throw Options.wrong(spec, "--labels and --template are for images, without --output");
        }
        if (tokenizer.isGiven() && !readsText() && !zeroShot.isGiven()) {
            throw Options.wrong(spec, "--tokenizer is for --text and --labels");
        }
        Stream<String> given = Stream.concat(images.stream(), texts.stream());
        if (given.filter(Picture.STANDARD_INPUT::equals).count() > 1) {
            throw Options.wrong(spec, "standard input (-) can be read only once");
        }
        if (input != null) {
            Options.requireFile(spec, "--input " + input, input);
        }
        Picture.requireReadable(spec, images);
    }
}

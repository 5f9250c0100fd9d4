package io.residuum.examples.cli.task;

import io.residuum.data.Locations;
import io.residuum.data.Parts;
import io.residuum.examples.cli.options.HelpSection;
import io.residuum.examples.cli.options.Options;
import io.residuum.train.rows.RowSource;
import io.residuum.train.rows.RowTable;
import io.residuum.train.samples.AddingProblem;
import io.residuum.train.samples.ArraySource;
import io.residuum.transformer.text.LabelledText;
import io.residuum.transformer.text.PlainText;
import io.residuum.transformer.text.TextSource;
import io.residuum.transformer.text.pairs.TextTuples;
import io.residuum.vision.data.DataSource;
import io.residuum.vision.detect.DetectionSource;
import io.residuum.vision.shapes.ShapeSource;
import io.residuum.vision.train.PairSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.Option;

/** The option {@code --data}. */
@HelpSection(HelpSection.DATA)
public final class DataOption {

    @Option(
            names = "--data",
            paramLabel = "DATA",
            required = true,
            converter = Converter.class,
            description = {
                "Labelled images, one of:",
                "  digits         generated: 20,000 to train,",
                "                 2,000 to test",
                "  digits:train=N,test=N,seed=N",
                "  mnist:DIR      IDX files, plain or .gz;",
                "                 also fashion-mnist:DIR",
                "  cifar10:DIR    binary files; also cifar100:DIR",
                "  cifar10:FILE,...   some of these files",
                "  cifar10:train=FILE,...,val=FILE,test=FILE",
                "  folder:DIR     a folder per class, in DIR or in",
                "                 DIR/train, DIR/val and DIR/test",
                "  mnist, fashion-mnist, cifar10   downloaded",
                "or text:",
                "  text           this project's documentation",
                "  text:FILE      UTF-8, FILE.tokens, or a folder",
                "                 of .txt and .md files",
                "  text:train=FILE,val=FILE,test=FILE",
                "  labelled:FILE  .csv, .tsv or .jsonl with a text",
                "                 and a label per row",
                "  labelled:DIR   a folder of .txt files per class,",
                "                 in DIR or in DIR/train, DIR/val",
                "                 and DIR/test",
                "  labelled:train=FILE,val=FILE,test=FILE",
                "  text-pairs:FILE   a table: anchor, positive (and",
                "                    negative), or text1, text2",
                "                    (and score)",
                "or images of objects:",
                "  shapes         generated, with masks and boxes:",
                "                 4,000 to train, 500 to test",
                "  shapes:train=N,test=N,seed=N",
                "  coco:FILE.json boxes of COCO",
                "  coco:train=FILE,val=FILE,test=FILE",
                "  voc:DIR        boxes of PASCAL VOC",
                "or any inputs and targets:",
                "  rows:FILE      .csv, .tsv, .jsonl or .parquet;",
                "                 its header is NAME.header.json",
                "  rows:FILE:HEADER.json",
                "  arrays:FILE.safetensors   arrays by the names of",
                "                 inputs and outputs",
                "  pairs:DIR      DIR/images and DIR/masks or",
                "                 DIR/targets, or in DIR/train, ...",
                "  each also KIND:train=PATH,val=PATH,test=PATH",
                "  adding:LENGTH  generated: the adding problem;",
                "                 100,000 to train, 10,000 to test",
                "  adding:LENGTH,train=N,test=N,seed=N",
                "  NAME, {\"type\": NAME, ...}   a source that a jar",
                "                 registers",
                "or the path of a folder or file, whose kind is",
                "found by the files in it"
            })
    private TaskSource source;

    public TaskSource get() {
        return source;
    }

    /**
     * {@return the data of a value of {@code --data}}
     *
     * @throws io.residuum.ResiduumException if it names no data
     */
    public static TaskSource parse(String value) {
        String kind = value.replaceFirst("(?s):.*", ":").toLowerCase(Locale.ROOT);
        String rest = value.substring(kind.length());
        return switch (kind) {
            case "rows:" -> new RowTask(value, RowSource.parse(rest));
            case "arrays:" -> new PlainSamples(value, ArraySource.parse(rest));
            // Without a length, its error says what is missing.
            case "adding", "adding:" -> new PlainSamples(value, AddingProblem.parse(rest));
            case "shapes", "shapes:" -> new ShapeTask(value, ShapeSource.parse(rest));
            case "coco:", "voc:" ->
                    new DetectionDataTask(value, DetectionSource.parse(kind.equals("voc:"), rest));
            case "text-pairs:" -> tuples(value, rest);
            case "pairs:" -> new PairTask(value, PairSource.parse(rest));
            default -> PlainSamples.registered(value).orElseGet(() -> byContent(value));
        };
    }

    private static TaskSource tuples(String value, String paths) {
        return new TextTupleTask(value, Parts.parse("text-pairs", paths));
    }

    private static TaskSource byContent(String value) {
        if (isTuples(value)) {
            return tuples(value, value);
        }
        if (isRows(value)) {
            return new RowTask(value, RowSource.parse(value));
        }
        if (isArrays(value)) {
            return new PlainSamples(value, ArraySource.parse(value));
        }
        if (TextSource.names(value)) {
            TextSource source = TextSource.parse(value);
            return source instanceof PlainText plain
                    ? new LanguageTask(value, plain)
                    : new LabelledTextTask(value, (LabelledText) source);
        }
        return PairSource.isIn(Locations.path(value))
                ? new PairTask(value, PairSource.parse(value))
                : new ImageTask(value, DataSource.parse(value));
    }

    /** A table with its own header is rows. */
    private static boolean hasHeader(String value) {
        return Files.exists(RowSource.parse(value).headerFile());
    }

    private static boolean isTuples(String value) {
        Path file = Locations.path(value);
        return isTable(file) && !hasHeader(value) && TextTuples.isIn(file);
    }

    /** A table of texts and labels is labelled text. */
    private static boolean isRows(String value) {
        Path file = Locations.path(value);
        return isTable(file) && (hasHeader(value) || !LabelledText.isIn(file));
    }

    private static boolean isTable(Path file) {
        return RowTable.isTable(file) && Files.isRegularFile(file);
    }

    private static boolean isArrays(String value) {
        return value.toLowerCase(Locale.ROOT).endsWith(".safetensors")
                && Files.isRegularFile(Locations.path(value));
    }

    private static final class Converter extends Options.Converter<TaskSource> {
        Converter() {
            super(DataOption::parse);
        }
    }
}

package io.residuum.examples.cli.task;

import io.residuum.examples.cli.options.Options;
import io.residuum.transformer.text.LabelledText;
import io.residuum.transformer.text.PlainText;
import io.residuum.transformer.text.TextSource;
import io.residuum.vision.data.DataSource;
import picocli.CommandLine.Option;

/** The option {@code --data}. */
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
                "  labelled:DIR   DIR/train, DIR/val and DIR/test, or",
                "                 class folders of .txt files",
                "  labelled:train=FILE,val=FILE,test=FILE",
                "or the path of a folder or file, whose kind is",
                "found by the files in it"
            })
    private TaskSource source;

    public TaskSource get() {
        return source;
    }

    private static final class Converter extends Options.Converter<TaskSource> {
        Converter() {
            super(Converter::parse);
        }

        private static TaskSource parse(String value) {
            if (!TextSource.names(value)) {
                return new ImageTask(value, DataSource.parse(value));
            }
            TextSource source = TextSource.parse(value);
            return source instanceof PlainText plain
                    ? new LanguageTask(value, plain)
                    : new LabelledTextTask(value, (LabelledText) source);
        }
    }
}

package io.residuum.examples.cli.task;

import io.residuum.ResiduumException;
import io.residuum.transformer.text.LabelledText;
import io.residuum.transformer.text.PlainText;
import io.residuum.transformer.text.TextSource;
import io.residuum.vision.data.DataSource;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Which images or texts. */
public final class DataOption {

    @Option(
            names = "--data",
            paramLabel = "DATA",
            required = true,
            converter = Converter.class,
            description = {
                "Labelled images, one of:",
                "  digits              made by the program: 20,000 to train, 2,000 to test",
                "  digits:train=N,test=N,seed=N",
                "  mnist:DIR           IDX files, plain or .gz; also fashion-mnist:DIR",
                "  cifar10:DIR         binary files; also cifar100:DIR",
                "  cifar10:FILE,...    such files, to evaluate on or to train on",
                "  cifar10:train=FILE,...,test=FILE",
                "  folder:DIR          a folder for each class; or DIR/train and DIR/test",
                "  mnist, fashion-mnist, cifar10   downloaded",
                "or text:",
                "  text                the documentation of this project",
                "  text:FILE           UTF-8, or FILE.tokens, or a folder of .txt and .md files",
                "  text:train=FILE,test=FILE",
                "  labelled:FILE       .csv, .tsv or .jsonl with a text and a label a row",
                "  labelled:DIR        DIR/train and DIR/test, or class folders of .txt files",
                "  labelled:train=FILE,test=FILE"
            })
    private TaskSource lesson;

    /** What the data can teach. */
    public TaskSource get() {
        return lesson;
    }

    private static final class Converter implements ITypeConverter<TaskSource> {
        @Override
        public TaskSource convert(String value) {
            try {
                return lesson(value);
            } catch (ResiduumException | IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }

        private static TaskSource lesson(String value) {
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

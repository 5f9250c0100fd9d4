package io.residuum.examples.cli;

import io.residuum.data.DataException;
import io.residuum.data.DataSource;
import io.residuum.train.Recipe;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Which images. */
final class DataOption {

    /** Digits are as many and as easy as one likes: so few are enough. */
    private static final int DIGITS_EPOCHS = 2;

    /** What the user typed, and what it means. */
    record Named(String text, DataSource source) {
        /** Short enough for a folder's name: the part before the colon. */
        String label() {
            return text.replaceFirst(":.*", "");
        }

        /** What does well on this data, where the user has no recipe. */
        Recipe defaultRecipe() {
            return label().equalsIgnoreCase("digits")
                    ? Recipe.builder().epochs(DIGITS_EPOCHS).build()
                    : Recipe.defaults();
        }
    }

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
                "  mnist, fashion-mnist, cifar10   downloaded"
            })
    private Named data;

    Named get() {
        return data;
    }

    private static final class Converter implements ITypeConverter<Named> {
        @Override
        public Named convert(String value) {
            try {
                return new Named(value, DataSource.parse(value));
            } catch (DataException | IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }
}

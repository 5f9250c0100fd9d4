package io.residuum.transformer.text;

import io.residuum.data.DataException;
import io.residuum.data.Locations;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Texts with labels, for classifiers. */
public final class LabelledText implements TextSource {
    private static final double HELD_OUT = 0.1;

    /** Fixed, so that a resumed run holds out the same texts. */
    private static final long HELD_OUT_SEED = 20181011;

    private final Path train;
    private final Optional<Path> test;

    private LabelledText(Path train, Optional<Path> test) {
        this.train = train;
        this.test = test;
    }

    static LabelledText at(Locations where) {
        if (where.plain().size() == 1 && where.train().isEmpty() && where.test().isEmpty()) {
            Path place = where.plain().get(0);
            Path train = place.resolve("train");
            Path test = place.resolve("test");
            return Files.isDirectory(train) && Files.isDirectory(test)
                    ? new LabelledText(train, Optional.of(test))
                    : new LabelledText(place, Optional.empty());
        }
        if (where.plain().isEmpty() && where.train().size() == 1 && where.test().size() <= 1) {
            return new LabelledText(where.train().get(0), where.test().stream().findFirst());
        }
        throw new DataException(
                "labelled needs one file or folder (labelled:FILE), or one for each of train and"
                        + " test (labelled:train=FILE,test=FILE)");
    }

    /**
     * Reads the texts.
     *
     * @return the training and evaluation sets
     * @throws DataException if a file is invalid, or the test set has a class that the training set
     *     does not have
     */
    public LabelledSplits open() {
        List<LabelledRow> rows = LabelledFiles.read(train);
        List<String> classes = classes(rows);
        LabelledTexts all = texts(rows, classes, train);
        String format = "%s: %,d texts in %d classes to train on, %,d ";
        if (test.isPresent()) {
            LabelledTexts tests = texts(LabelledFiles.read(test.get()), classes, test.get());
            return splits(format + "to test on", all, tests);
        }
        LabelledTexts.Split split = all.split(HELD_OUT, HELD_OUT_SEED);
        return splits(
                format + "held out to evaluate on (a tenth of each class, as no test set is given)",
                split.kept(),
                split.heldOut());
    }

    private LabelledSplits splits(String format, LabelledTexts train, LabelledTexts evaluation) {
        String description =
                String.format(
                        Locale.ROOT,
                        format,
                        this.train,
                        train.size(),
                        train.classNames().size(),
                        evaluation.size());
        return new LabelledSplits(description, train, evaluation);
    }

    private static List<String> classes(List<LabelledRow> rows) {
        List<String> names = rows.stream().map(LabelledRow::label).distinct().sorted().toList();
        boolean numbers = names.stream().allMatch(name -> name.matches("-?\\d{1,9}"));
        return numbers
                ? names.stream().sorted(Comparator.comparing(Integer::valueOf)).toList()
                : names;
    }

    private static LabelledTexts texts(List<LabelledRow> rows, List<String> classes, Path place) {
        int[] labels =
                rows.stream()
                        .map(LabelledRow::label)
                        .mapToInt(label -> index(label, classes, place))
                        .toArray();
        return new LabelledTexts(rows.stream().map(LabelledRow::text).toList(), labels, classes);
    }

    private static int index(String label, List<String> classes, Path place) {
        int index = classes.indexOf(label);
        if (index < 0) {
            throw new DataException(
                    String.format(
                            "%s: '%s' is not a class of the training set, whose classes are %s",
                            place, label, classes));
        }
        return index;
    }
}

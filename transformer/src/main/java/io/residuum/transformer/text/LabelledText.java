package io.residuum.transformer.text;

import io.residuum.data.DataException;
import io.residuum.data.Locations;
import io.residuum.train.Recipe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/** Texts with labels, for classifiers. */
public final class LabelledText implements TextSource {
    private static final List<String> VALIDATION = List.of("val", "valid", "validation", "dev");

    private final Path train;
    private final Optional<Path> validation;
    private final Optional<Path> test;

    private LabelledText(Path train, Optional<Path> validation, Optional<Path> test) {
        this.train = train;
        this.validation = validation;
        this.test = test;
    }

    static LabelledText at(Locations where) {
        if (where.plain().size() == 1 && where.all().size() == 1) {
            Path place = where.plain().get(0);
            Optional<Path> train = part(place, "train");
            Optional<Path> validation =
                    VALIDATION.stream()
                            .map(name -> part(place, name))
                            .flatMap(Optional::stream)
                            .findFirst();
            Optional<Path> test = part(place, "test");
            if (train.isPresent() && (test.isPresent() || validation.isPresent())) {
                LabelledFiles.noteOthers(
                        place,
                        Stream.of(train, validation, test).flatMap(Optional::stream).toList(),
                        "no parts of the data (train, val, test)");
                return new LabelledText(train.get(), validation, test);
            }
            return new LabelledText(place, Optional.empty(), Optional.empty());
        }
        if (where.plain().isEmpty()
                && where.train().size() == 1
                && where.validation().size() <= 1
                && where.test().size() <= 1) {
            return new LabelledText(
                    where.train().get(0),
                    where.validation().stream().findFirst(),
                    where.test().stream().findFirst());
        }
        throw new DataException(
                "labelled needs one file or folder (labelled:FILE), or one for each part"
                        + " (labelled:train=FILE,val=FILE,test=FILE)");
    }

    /**
     * {@return true if a table holds texts and labels: by its columns, or if it has two and no
     * names for them}
     *
     * @param table a .csv, .tsv or .jsonl file
     */
    public static boolean isIn(Path table) {
        return LabelledFiles.isIn(table);
    }

    private static Optional<Path> part(Path place, String name) {
        return Optional.of(place.resolve(name)).filter(Files::isDirectory);
    }

    /**
     * Reads the texts. A tenth of each class of the training texts is held out for validation, if
     * there are no validation texts.
     *
     * @return the training, validation and test sets
     * @throws DataException if a file is invalid, or another set has a class that the training set
     *     does not have
     */
    public LabelledSplits open() {
        return open(Recipe.defaults().validation());
    }

    /**
     * Reads the texts as {@link #open()}, with another share to hold out.
     *
     * @param share the share of each class of the training texts to hold out for validation, in [0,
     *     1), if there are no validation texts: {@link Recipe#validation}
     * @return the training, validation and test sets
     * @throws DataException as {@link #open()}, and if there are too few texts
     */
    public LabelledSplits open(double share) {
        List<LabelledRow> rows = LabelledFiles.read(train);
        List<String> classes = classes(rows);
        LabelledTexts all = texts(rows, classes, train);
        Optional<LabelledTexts> tests = test.map(place -> read(place, classes));
        if (validation.isPresent()) {
            return new LabelledSplits(
                    train.toString(),
                    all,
                    validation.map(place -> read(place, classes)),
                    tests,
                    OptionalDouble.empty());
        }
        return LabelledSplits.holdingOut(train.toString(), all, tests, share);
    }

    private static LabelledTexts read(Path place, List<String> classes) {
        return texts(LabelledFiles.read(place), classes, place);
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

package io.residuum.train.report;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;

/**
 * The predictions of a network on samples that it was not trained on.
 *
 * @param data the part of the data that the samples are from, such as {@code test}; empty if
 *     unknown
 * @param classNames the names of the classes; empty if {@code confusion} is
 * @param confusion the number of samples of class {@code [truth]} predicted as class {@code
 *     [predicted]}
 * @param mistakes misclassified samples; the report shows the most confident ones
 * @param figures what the report shows of other outputs, and of outputs without classes
 */
public record Predictions(
        String data,
        List<String> classNames,
        long[][] confusion,
        List<Mistake> mistakes,
        List<OutputFigure> figures) {

    /** The empty predictions of a network that is not evaluated by samples. */
    public static final Predictions NONE = new Predictions(List.of());

    /** Checks that the matrix is square with one row per class, and copies everything. */
    public Predictions {
        classNames = List.copyOf(classNames);
        mistakes = List.copyOf(mistakes);
        figures = List.copyOf(figures);
        confusion = copy(confusion);
        int classes = confusion.length;
        checkArgument(
                classes == 0 || classes == classNames.size(),
                "confusion must have a row for each of the %s classes, got %s rows",
                classNames.size(),
                classes);
        for (long[] row : confusion) {
            checkArgument(
                    row.length == classes,
                    "confusion must be square, got a row of %s in a matrix of %s rows",
                    row.length,
                    classes);
        }
    }

    /**
     * Creates predictions on an unknown part of the data.
     *
     * @param classNames as for the record
     * @param confusion as for the record
     * @param mistakes as for the record
     */
    public Predictions(List<String> classNames, long[][] confusion, List<Mistake> mistakes) {
        this("", classNames, confusion, mistakes, List.of());
    }

    /**
     * Creates the predictions of a network that does not only classify.
     *
     * @param figures as for the record
     */
    public Predictions(List<OutputFigure> figures) {
        this("", List.of(), new long[0][], List.of(), figures);
    }

    /**
     * {@return these predictions with figures}
     *
     * @param others as for the record
     */
    public Predictions with(List<OutputFigure> others) {
        return new Predictions(data, classNames, confusion, mistakes, others);
    }

    /**
     * {@return a copy with the part of the data that the samples are from}
     *
     * @param part such as {@code test}
     */
    public Predictions on(String part) {
        return new Predictions(part, classNames, confusion, mistakes, figures);
    }

    @Override
    public long[][] confusion() {
        return copy(confusion);
    }

    private static long[][] copy(long[][] rows) {
        long[][] copy = rows.clone();
        for (int i = 0; i < copy.length; i++) {
            copy[i] = copy[i].clone();
        }
        return copy;
    }
}

package io.residuum.train.report;

import io.residuum.draw.Markup;
import io.residuum.draw.Numbers;
import io.residuum.draw.Section;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Writes the section on confusions: a grid with counts for few classes, a picture for more. For
 * very many classes it lists only the most frequent confusions.
 */
final class ConfusionSection {
    /** The largest number of classes for a grid; with more, counts would be too small to read. */
    private static final int MOST_WITH_COUNTS = 25;

    /**
     * The largest number of classes for a picture; with more, cells would shrink below two pixels.
     */
    private static final int MOST_IN_A_GRID = 200;

    /** The strength above which inverted text has more contrast on a cell. */
    private static final double DARK = 0.66;

    private static final int FEW_PAIRS = 10;
    private static final int MANY_PAIRS = 20;

    private final Confusion matrix;
    private final List<String> names;
    private final String samples;
    private final double largestShare;

    private ConfusionSection(Confusion matrix, List<String> names, String data) {
        this.matrix = matrix;
        this.names = names;
        this.samples = (data + " samples").strip();
        this.largestShare =
                matrix.pairs().stream().mapToDouble(Confusion.Pair::share).max().orElse(1);
    }

    /** Returns one section for each output with classes. */
    static List<Section> sections(ReportData data) {
        Predictions predictions = data.predictions();
        List<OutputFigure.Classes> all = new ArrayList<>();
        all.add(new OutputFigure.Classes("", predictions.classNames(), predictions.confusion()));
        for (OutputFigure figure : predictions.figures()) {
            if (figure instanceof OutputFigure.Classes classes) {
                all.add(classes);
            }
        }
        List<Section> sections = new ArrayList<>();
        for (OutputFigure.Classes classes : all) {
            Confusion matrix = new Confusion(classes.confusion());
            if (matrix.total() > 0) {
                String output = classes.output();
                sections.add(
                        new Section(
                                output.isEmpty()
                                        ? "confusion"
                                        : "confusion-" + all.indexOf(classes),
                                output.isEmpty() ? "Confusion" : "Confusion of " + output,
                                new ConfusionSection(
                                                matrix, classes.classNames(), predictions.data())
                                        .body()));
            }
        }
        return sections;
    }

    private Markup body() {
        Markup body = new Markup();
        body.leaf("p", lead(), "class", "lead");
        boolean inAGrid = matrix.classes() <= MOST_IN_A_GRID;
        body.open("div", "class", inAGrid ? "beside" : "alone");
        if (matrix.classes() <= MOST_WITH_COUNTS) {
            grid(body);
        } else if (inAGrid) {
            picture(body);
        }
        pairs(body, inAGrid ? FEW_PAIRS : MANY_PAIRS);
        body.close();
        if (matrix.classes() > MOST_WITH_COUNTS) {
            classes(body);
        }
        return body;
    }

    private String lead() {
        String errors =
                "%s of %s %s wrong."
                        .formatted(
                                Numbers.grouped(matrix.errors()),
                                Numbers.grouped(matrix.total()),
                                samples);
        return matrix.classes() > MOST_IN_A_GRID
                ? errors
                : errors
                        + " Rows are correct classes, columns predicted ones. Colour is the share"
                        + " of the row; off the diagonal it is stretched to the largest error.";
    }

    private void grid(Markup body) {
        boolean upright = names.stream().anyMatch(name -> name.length() > 3);
        body.open("div", "class", "wide");
        body.open("table", "class", upright ? "matrix upright" : "matrix");
        body.open("thead").open("tr").leaf("td", "");
        for (String name : names) {
            body.open("th", "scope", "col").leaf("span", name).close();
        }
        body.open("th", "scope", "col", "class", "rate").leaf("span", "recall").close();
        body.close().close().open("tbody");
        for (int t = 0; t < names.size(); t++) {
            body.open("tr").leaf("th", names.get(t), "scope", "row");
            for (int p = 0; p < names.size(); p++) {
                cell(body, t, p);
            }
            body.leaf("td", Numbers.coarsePercent(matrix.recall(t)), "class", "rate").close();
        }
        body.close().open("tfoot").open("tr").leaf("th", "precision", "scope", "row");
        for (int p = 0; p < names.size(); p++) {
            body.leaf("td", Numbers.coarsePercent(matrix.precision(p)), "class", "rate");
        }
        body.leaf("td", "").close().close().close().close();
    }

    private void cell(Markup body, int truth, int predicted) {
        long count = matrix.count(truth, predicted);
        if (count == 0) {
            body.leaf("td", "");
            return;
        }
        double strength = strength(truth, predicted);
        String kind = truth == predicted ? "hit" : "miss";
        body.leaf(
                "td",
                Numbers.grouped(count),
                "class",
                strength > DARK ? kind + " strong" : kind,
                "style",
                "--v:" + rounded(strength),
                "title",
                title(truth, predicted));
    }

    private void picture(Markup body) {
        int size = matrix.classes();
        body.open("figure", "class", "heat");
        body.open(
                "svg",
                "xmlns",
                "http://www.w3.org/2000/svg",
                "viewBox",
                "-0.5 -0.5 " + (size + 1) + " " + (size + 1),
                "role",
                "img",
                "aria-label",
                "Confusion matrix of " + size + " classes");
        String side = Integer.toString(size);
        body.empty("rect", "class", "frame", "width", side, "height", side);
        for (int t = 0; t < size; t++) {
            for (int p = 0; p < size; p++) {
                if (matrix.count(t, p) > 0) {
                    body.open(
                            "rect",
                            "class",
                            t == p ? "hit" : "miss",
                            "x",
                            Integer.toString(p),
                            "y",
                            Integer.toString(t),
                            "width",
                            "1",
                            "height",
                            "1",
                            "fill-opacity",
                            rounded(strength(t, p)));
                    body.leaf("title", title(t, p)).close();
                }
            }
        }
        body.close().leaf("figcaption", "Point at a cell for its classes and count.").close();
    }

    private void pairs(Markup body, int most) {
        List<Confusion.Pair> pairs = matrix.pairs();
        if (pairs.isEmpty()) {
            return;
        }
        body.open("div", "class", "pairs").leaf("h3", "Most confused");
        body.open("table", "class", "numbers").open("thead").open("tr");
        body.leaf("th", "truth", "scope", "col", "class", "name");
        body.leaf("th", "taken for", "scope", "col", "class", "name");
        body.leaf("th", "count", "scope", "col");
        body.leaf("th", "of truth", "scope", "col");
        body.close().close().open("tbody");
        for (Confusion.Pair pair : pairs.subList(0, Math.min(most, pairs.size()))) {
            body.open("tr");
            body.leaf("td", names.get(pair.truth()), "class", "name");
            body.leaf("td", names.get(pair.predicted()), "class", "name");
            body.leaf("td", Numbers.grouped(pair.count()));
            body.leaf("td", Numbers.coarsePercent(pair.share())).close();
        }
        body.close().close().close();
    }

    private void classes(Markup body) {
        body.open("details").leaf("summary", "Recall and precision of every class");
        body.open("div", "class", "wide").open("table", "class", "numbers");
        body.open("thead").open("tr").leaf("th", "class", "scope", "col", "class", "name");
        body.leaf("th", "samples", "scope", "col").leaf("th", "recall", "scope", "col");
        body.leaf("th", "precision", "scope", "col").close().close().open("tbody");
        IntStream.range(0, matrix.classes())
                .boxed()
                .sorted(Comparator.comparingDouble(matrix::recall))
                .forEach(
                        c -> {
                            body.open("tr");
                            body.leaf("th", names.get(c), "scope", "row", "class", "name");
                            body.leaf("td", Numbers.grouped(matrix.samples(c)));
                            body.leaf("td", Numbers.coarsePercent(matrix.recall(c)));
                            body.leaf("td", Numbers.coarsePercent(matrix.precision(c))).close();
                        });
        body.close().close().close().close();
    }

    /** Returns the colour strength of a cell. The square root keeps single errors visible. */
    private double strength(int truth, int predicted) {
        double share = matrix.share(truth, predicted);
        return truth == predicted ? share : 0.1 + 0.8 * Math.sqrt(share / largestShare);
    }

    private String title(int truth, int predicted) {
        return "%s taken for %s: %s (%s)"
                .formatted(
                        names.get(truth),
                        names.get(predicted),
                        Numbers.grouped(matrix.count(truth, predicted)),
                        Numbers.percent(matrix.share(truth, predicted)));
    }

    private static String rounded(double strength) {
        return String.format(Locale.ROOT, "%.2f", strength);
    }
}

package io.residuum.transformer.text.pairs;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import io.residuum.data.DataException;
import io.residuum.data.Seeds;
import io.residuum.json.JsonText;
import io.residuum.spec.Check;
import io.residuum.train.rows.Cell;
import io.residuum.train.rows.RowTable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A data set of {@linkplain TextTuple texts that belong together}, in memory. All tuples have the
 * same number of texts, and all or none have a similarity.
 *
 * @param tuples the tuples, at least one
 * @param unused the columns of the table that are not read
 */
public record TextTuples(List<TextTuple> tuples, List<String> unused) {
    public TextTuples {
        tuples = List.copyOf(tuples);
        unused = List.copyOf(unused);
        Check.that(!tuples.isEmpty(), "a set of texts that belong together must not be empty");
        TextTuple first = tuples.get(0);
        for (TextTuple tuple : tuples) {
            Check.that(
                    tuple.texts().size() == first.texts().size()
                            && Double.isNaN(tuple.score()) == Double.isNaN(first.score()),
                    "all tuples must have the same number of texts, and all or none a similarity,"
                            + " got %s and %s",
                    first,
                    tuple);
        }
    }

    /**
     * Creates a data set.
     *
     * @param tuples the tuples, at least one
     */
    public TextTuples(List<TextTuple> tuples) {
        this(tuples, List.of());
    }

    /**
     * {@return true if a table has two columns of texts that belong together, by their names}
     *
     * @param table a .csv, .tsv, .jsonl or .parquet file
     */
    public static boolean isIn(Path table) {
        try {
            return TupleColumns.find(RowTable.read(table).columns()).isPresent();
        } catch (DataException e) {
            // Another reader reports the error.
            return false;
        }
    }

    /**
     * Reads a table with the columns {@code anchor}, {@code positive} and perhaps {@code negative},
     * {@code negative_1}, {@code negative_2}, or {@code text1}, {@code text2} and perhaps {@code
     * score}. {@code query}, {@code question} and {@code sentence1} are other names of the first
     * text, {@code answer} and {@code sentence2} of the second, {@code similarity} and {@code
     * similarity_score} of the score.
     *
     * @param file a .csv, .tsv, .jsonl or .parquet file
     * @throws DataException with file, line and column if a text is missing or a score invalid
     */
    public static TextTuples read(Path file) {
        RowTable table = RowTable.read(file);
        TupleColumns columns =
                TupleColumns.find(table.columns())
                        .orElseThrow(
                                () ->
                                        new DataException(
                                                "%s: must have %s, found %s"
                                                        .formatted(
                                                                file,
                                                                TupleColumns.NEEDED,
                                                                table.columns())));
        if (columns.score().isPresent() && columns.texts().size() > 2) {
            throw new DataException(
                    "%s: must have negatives or a score, found both: %s"
                            .formatted(file, table.columns()));
        }
        List<TextTuple> tuples = new ArrayList<>();
        for (int row = 0; row < table.size(); row++) {
            List<String> texts = new ArrayList<>();
            for (String column : columns.texts()) {
                texts.add(text(table.cell(row, column, Set.of())));
            }
            double score =
                    columns.score().isPresent()
                            ? score(table.cell(row, columns.score().get(), Set.of()))
                            : Double.NaN;
            tuples.add(new TextTuple(texts, score));
        }
        return new TextTuples(tuples, columns.unused());
    }

    private static String text(Cell cell) {
        String text = cell.isMissing() ? "" : cell.text();
        if (text.isBlank()) {
            throw cell.error("must hold a text, found none; fill it in or remove the row");
        }
        return text;
    }

    private static double score(Cell cell) {
        double score = cell.number();
        if (Math.abs(score) > 1) {
            throw cell.error(
                    "a similarity must be in [-1, 1], as cosines are, found %s; divide all by the largest"
                            .formatted(JsonText.number(score)));
        }
        return score;
    }

    /** {@return the number of tuples} */
    public int size() {
        return tuples.size();
    }

    /** {@return the number of texts in each tuple, 2 or more} */
    public int width() {
        return tuples.get(0).texts().size();
    }

    /** {@return true if the pairs have similarities} */
    public boolean hasScores() {
        return !Double.isNaN(tuples.get(0).score());
    }

    /** {@return the name of the tuples: pairs, triplets or tuples} */
    public String unit() {
        return width() == 2 ? "pairs" : width() == 3 ? "triplets" : "tuples";
    }

    /** Returns a hash of all texts and similarities. */
    String fingerprint() {
        Hasher hasher = Hashing.murmur3_128().newHasher();
        for (TextTuple tuple : tuples) {
            tuple.texts().forEach(t -> hasher.putInt(t.length()).putUnencodedChars(t));
            hasher.putDouble(tuple.score());
        }
        return hasher.hash().toString();
    }

    /**
     * Splits the data set at random. Tuples with the same first text stay together, because their
     * other texts would answer each other.
     *
     * @param share the share of the first texts in the second part, in (0, 1)
     * @return the kept part and the part held out
     */
    List<TextTuples> split(double share, long seed) {
        List<String> anchors = tuples.stream().map(t -> t.texts().get(0)).distinct().toList();
        Set<String> out = new HashSet<>();
        int[] order = Seeds.permutation(anchors.size(), Seeds.random(seed));
        for (int i = 0; i < Math.round(share * anchors.size()); i++) {
            out.add(anchors.get(order[i]));
        }
        Optional<TextTuples> kept = part(out, false);
        Optional<TextTuples> held = part(out, true);
        if (kept.isEmpty() || held.isEmpty()) {
            throw new DataException(
                    "%d different first texts are too few to hold out a share of %s; give a validation set, or hold out nothing (--validation 0)"
                            .formatted(anchors.size(), JsonText.number(share)));
        }
        return List.of(kept.get(), held.get());
    }

    private Optional<TextTuples> part(Set<String> anchors, boolean within) {
        List<TextTuple> some =
                tuples.stream().filter(t -> anchors.contains(t.texts().get(0)) == within).toList();
        return some.isEmpty() ? Optional.empty() : Optional.of(new TextTuples(some, unused));
    }
}

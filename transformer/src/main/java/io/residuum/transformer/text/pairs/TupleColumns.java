package io.residuum.transformer.text.pairs;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The columns of a table of texts that belong together.
 *
 * @param texts the columns of the anchor, the positive and the negatives
 * @param score the column of the similarity
 * @param unused other columns
 */
record TupleColumns(List<String> texts, Optional<String> score, List<String> unused) {
    /** Names the required columns in errors. */
    static final String NEEDED =
            "the columns anchor and positive (and negative), or text1, text2 and score";

    private static final Set<String> FIRST =
            Set.of("anchor", "query", "question", "text1", "sentence1");
    private static final Set<String> SECOND = Set.of("positive", "answer", "text2", "sentence2");
    private static final Pattern NEGATIVE = Pattern.compile("negative(_?\\d+)?");
    private static final Set<String> SCORE = Set.of("score", "similarity", "similarity_score");

    /** Finds the columns by their names; empty if there are no two texts. */
    static Optional<TupleColumns> find(List<String> columns) {
        Optional<String> first = named(columns, FIRST);
        Optional<String> second = named(columns, SECOND);
        if (first.isEmpty() || second.isEmpty()) {
            return Optional.empty();
        }
        List<String> texts = new ArrayList<>(List.of(first.get(), second.get()));
        columns.stream().filter(c -> NEGATIVE.matcher(lower(c)).matches()).forEach(texts::add);
        Optional<String> score = named(columns, SCORE);
        List<String> unused =
                columns.stream()
                        .filter(c -> !texts.contains(c) && !c.equals(score.orElse(null)))
                        .toList();
        return Optional.of(new TupleColumns(texts, score, unused));
    }

    private static Optional<String> named(List<String> columns, Set<String> names) {
        return columns.stream().filter(column -> names.contains(lower(column))).findFirst();
    }

    private static String lower(String column) {
        return column.strip().toLowerCase(Locale.ROOT);
    }
}

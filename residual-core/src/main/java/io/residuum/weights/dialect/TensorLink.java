package io.residuum.weights.dialect;

import io.residuum.weights.quantized.QuantizedFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A rule with its placeholders filled.
 *
 * @param rule the rule
 * @param ours paths of the network, in the order of concatenation
 * @param theirs the library's names, without the dialect's prefix
 * @param first the path of a tensor whose last dimension is the row count of the first part; empty
 *     for none
 */
record TensorLink(Rule rule, List<String> ours, List<String> theirs, String first) {

    /** {@return the part of a link with as many paths as names for one path, which renames} */
    TensorLink pair(String path) {
        String name = theirs.get(ours.indexOf(path));
        Rule renaming = Rule.renaming(TensorNames.of(path), TensorNames.of(name));
        return new TensorLink(renaming, List.of(path), List.of(name), "");
    }

    /**
     * {@return the format of ours if rows keep it and theirs have the same one; empty if not}
     *
     * @param stored the formats of theirs
     */
    Optional<QuantizedFormat> format(List<Optional<QuantizedFormat>> stored) {
        boolean same = rule.keepsColumns() && stored.stream().distinct().count() == 1;
        return same ? stored.get(0) : Optional.empty();
    }

    /** {@return the conversion other than copying, in a few words; empty for none} */
    String how() {
        List<String> words = new ArrayList<>();
        if (!rule.rearrange().isEmpty()) {
            words.add(rule.rearrange());
        }
        if (!rule.extraRows().isEmpty()) {
            ExtraRows extra = rule.extraRows();
            words.add("without %d rows before, %d after".formatted(extra.before(), extra.after()));
        }
        if (rule.add() != 0) {
            words.add("plus " + rule.add());
        }
        if (theirs.size() > ours.size()) {
            words.add("joined");
        }
        if (theirs.size() < ours.size()) {
            words.add("split");
        }
        return String.join(", ", words);
    }
}

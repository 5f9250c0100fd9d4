package io.residuum.weights.dialect;

import java.util.List;

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
}

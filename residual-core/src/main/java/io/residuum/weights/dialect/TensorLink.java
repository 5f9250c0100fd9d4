package io.residuum.weights.dialect;

import java.util.List;

/**
 * A rule with its gaps filled.
 *
 * @param rule the rule
 * @param ours paths of the network, in the order of their rows
 * @param theirs their names, without the dialect's prefix
 * @param first the path of a tensor whose last dimension is the first part's rows; may be empty
 */
record TensorLink(Rule rule, List<String> ours, List<String> theirs, String first) {}

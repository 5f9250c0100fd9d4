package io.residuum.weights.dialect;

import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import java.util.HashSet;
import java.util.Set;

/**
 * One rule of a dialect: which of their tensors are which of ours.
 *
 * <p>In names, {@code {b}} stands for a number, {@code {b+1}} for the number behind it, and {@code
 * *} for any text; what they stand for on our side is put in on theirs. Where a side has several
 * names, these tensors lie on top of each other along our first dimension.
 *
 * @param ours the names of the network's parameters; the rule is for networks that have them all
 * @param theirs their names
 * @param rearrange another order of axes, from theirs to ours, for instance {@code i o -> o i}.
 *     Default: the same shape
 * @param rotary how the rows of their queries and keys are ordered within a head, where attention
 *     has rotary positions; of three tensors the last, the values, stays. Default: same
 * @param first one of our tensors whose last dimension is how many rows the first of several
 *     tensors has; the others share the rest. Default: all have as many
 */
@Doc("Which of their tensors are which of ours.")
public record Rule(
        TensorNames ours,
        TensorNames theirs,
        @Default("\"\"") String rearrange,
        @Default("\"same\"") RotaryOrder rotary,
        @Default("\"\"") String first) {

    private static final int QUERY_KEY_VALUE = 3;

    public Rule {
        Set<String> known = new HashSet<>(new NamePattern(ours.names().get(0)).gaps());
        for (String name : ours.names()) {
            Check.that(
                    new NamePattern(name).gaps().equals(known),
                    "ours must have the same gaps in every name, got %s",
                    ours.names());
        }
        for (String name : theirs.names()) {
            Check.that(
                    known.containsAll(new NamePattern(name).gaps()),
                    "theirs must have no gaps but those of ours, got \"%s\" for \"%s\"",
                    name,
                    ours.names().get(0));
        }
        int our = ours.names().size();
        int their = theirs.names().size();
        Check.that(
                our == 1 || their == 1 || our == their,
                "ours and theirs must have one name, or as many names, got %s and %s",
                our,
                their);
        if (!rearrange.isEmpty()) {
            Rearrangement.parse(rearrange);
        }
        if (!first.isEmpty()) {
            new NamePattern(first);
        }
    }

    /** How many tensors the finer of both sides has. */
    int parts() {
        return Math.max(ours.names().size(), theirs.names().size());
    }

    /** Whether rows of a part are those of a query or key. */
    boolean turns(int part) {
        return rotary != RotaryOrder.SAME && (parts() < QUERY_KEY_VALUE || part < parts() - 1);
    }
}

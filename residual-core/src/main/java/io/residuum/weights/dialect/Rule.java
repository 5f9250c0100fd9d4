package io.residuum.weights.dialect;

import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import java.util.HashSet;
import java.util.Set;

/**
 * A rule of a dialect: maps parameters of a network to tensors of a library.
 *
 * <p>In names, {@code {b}} matches a number, {@code {b+1}} the next number and {@code *} any text.
 * The texts matched in our names are filled in theirs. Several tensors on one side are concatenated
 * along our first dimension.
 *
 * @param ours the names of the network's parameters; the rule applies to networks that have them
 *     all
 * @param theirs the library's names
 * @param rearrange a permutation of axes from theirs to ours, for instance {@code i o -> o i}.
 *     Default: none
 * @param rotary the order of their query and key rows within a head, for attention with rotary
 *     positions; the last of three tensors, the values, stays unchanged. Default: same
 * @param first one of our tensors, whose last dimension is the row count of the first of several
 *     tensors; the others share the rest equally. Default: all have equal row counts
 */
@Doc("Maps parameters of a network to tensors of a library.")
public record Rule(
        TensorNames ours,
        TensorNames theirs,
        @Default("\"\"") String rearrange,
        @Default("\"same\"") RotaryOrder rotary,
        @Default("\"\"") String first) {

    private static final int QUERY_KEY_VALUE = 3;

    public Rule {
        Set<String> known = new HashSet<>(new NamePattern(ours.names().get(0)).placeholders());
        for (String name : ours.names()) {
            Check.that(
                    new NamePattern(name).placeholders().equals(known),
                    "ours must have the same placeholders in every name, got %s",
                    ours.names());
        }
        for (String name : theirs.names()) {
            Check.that(
                    known.containsAll(new NamePattern(name).placeholders()),
                    "theirs must use only placeholders of ours, got \"%s\" for \"%s\"",
                    name,
                    ours.names().get(0));
        }
        int our = ours.names().size();
        int their = theirs.names().size();
        Check.that(
                our == 1 || their == 1 || our == their,
                "ours and theirs must have equal counts of names, or one of them one, got %s and"
                        + " %s",
                our,
                their);
        if (!rearrange.isEmpty()) {
            Rearrangement.parse(rearrange);
        }
        if (!first.isEmpty()) {
            new NamePattern(first);
        }
    }

    /** {@return the number of tensors on the side that has more} */
    int parts() {
        return Math.max(ours.names().size(), theirs.names().size());
    }

    /** {@return true if a part holds rows of a query or key} */
    boolean isRotary(int part) {
        return rotary != RotaryOrder.SAME && (parts() < QUERY_KEY_VALUE || part < parts() - 1);
    }
}

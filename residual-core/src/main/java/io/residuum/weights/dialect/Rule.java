package io.residuum.weights.dialect;

import io.residuum.spec.Check;
import io.residuum.spec.Default;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * A rule of a dialect: maps parameters of a network to tensors of a library.
 *
 * <p>In names, {@code {b}} matches a number, {@code {b+1}} the next number and {@code *} any text.
 * The texts matched in our names are filled in theirs. Several tensors on one side are concatenated
 * along our first dimension.
 *
 * <p>Reading rearranges the axes of their tensors, drops extra rows, concatenates and splits rows,
 * reorders rows for rotary positions, and adds the constant. Writing does the reverse.
 *
 * @param ours the names of the network's parameters; the rule applies to networks that have them
 *     all
 * @param theirs the library's names
 * @param rearrange a permutation of axes from theirs to ours, for instance {@code i o -> o i}.
 *     Default: none
 * @param axes sizes of axes in {@code rearrange} that our shape does not determine. Default: none
 * @param extraRows rows of their tensor that ours lacks. Default: none
 * @param rotary the order of their query and key rows within a head, for attention with rotary
 *     positions; the last of three tensors, the values, stays unchanged. Default: same
 * @param first one of our tensors, whose last dimension is the row count of the first of several
 *     tensors; the others share the rest equally. Default: all have equal row counts
 * @param grouped true if the rows of their single tensor take turns by key head: its query heads,
 *     its key, its value. Default: false
 * @param each a placeholder of ours that theirs lack: their tensor holds the tensors of all its
 *     numbers, as the experts of Granite. {@code rearrange} has an axis of this name. Default: none
 * @param add a constant that ours exceed theirs by, such as 1 if they store {@code weight - 1}.
 *     Default: 0
 */
public record Rule(
        TensorNames ours,
        TensorNames theirs,
        @Default("\"\"") String rearrange,
        @Default("{}") Map<String, AxisSize> axes,
        @Default("{}") ExtraRows extraRows,
        @Default("\"same\"") RotaryOrder rotary,
        @Default("\"\"") String first,
        @Default("false") boolean grouped,
        @Default("\"\"") String each,
        @Default("0.0") double add) {

    private static final int QUERY_KEY_VALUE = 3;

    public Rule {
        axes = Map.copyOf(axes);
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
            Map<String, Long> sizes = new HashMap<>();
            axes.keySet().forEach(axis -> sizes.put(axis, 1L));
            if (!each.isEmpty()) {
                sizes.put(each, 1L);
            }
            Rearrangement.parse(rearrange, sizes);
        }
        Check.that(
                !rearrange.isEmpty() || axes.isEmpty(),
                "axes must be axes of rearrange, got %s without rearrange",
                axes.keySet());
        Check.that(
                their == 1 || extraRows.isEmpty(),
                "extraRows must be rows of one tensor, got %s names in theirs",
                their);
        Check.that(
                !grouped || (their == 1 && (our == 1 || our == QUERY_KEY_VALUE)),
                "grouped must map one tensor of theirs to one or three of ours, got %s of ours and"
                        + " %s of theirs",
                our,
                their);
        Check.that(
                each.isEmpty() || (known.contains(each) && their == 1 && !rearrange.isEmpty()),
                "each must be a placeholder of ours, with one name in theirs and a rearrange, got"
                        + " \"%s\"",
                each);
        Check.finite("add", add);
        if (!first.isEmpty()) {
            new NamePattern(first);
        }
    }

    /**
     * {@return a rule that only renames}
     *
     * @param ours the names of the network's parameters
     * @param theirs the library's names
     */
    public static Rule renaming(TensorNames ours, TensorNames theirs) {
        return rearranging(ours, theirs, "", Map.of());
    }

    /**
     * {@return a rule that renames and rearranges axes}
     *
     * @param ours the names of the network's parameters
     * @param theirs the library's names
     * @param rearrange a permutation of axes from theirs to ours; empty for none
     * @param axes sizes of axes in {@code rearrange} that our shape does not determine
     */
    public static Rule rearranging(
            TensorNames ours, TensorNames theirs, String rearrange, Map<String, AxisSize> axes) {
        return new Rule(
                ours,
                theirs,
                rearrange,
                axes,
                new ExtraRows(0, 0),
                RotaryOrder.SAME,
                "",
                false,
                "",
                0);
    }

    /** {@return the number of tensors on the side that has more} */
    int parts() {
        return Math.max(ours.names().size(), theirs.names().size());
    }

    /** {@return true if one tensor of theirs is one of ours in the same order} */
    boolean isPlain() {
        return parts() == 1 && rearrange.isEmpty() && extraRows.isEmpty() && !grouped;
    }

    /** {@return true if rows of theirs are rows of ours, with the same values in the same order} */
    boolean keepsColumns() {
        return rearrange.isEmpty() && add == 0;
    }

    /** {@return true if a part holds rows of a query or key} */
    boolean isRotary(int part) {
        return rotary != RotaryOrder.SAME && (parts() < QUERY_KEY_VALUE || part < parts() - 1);
    }
}

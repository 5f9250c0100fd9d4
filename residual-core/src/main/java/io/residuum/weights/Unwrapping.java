package io.residuum.weights;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The prefix that training wrappers put before every name: {@code module.} by DataParallel,
 * DistributedDataParallel and AveragedModel, {@code _orig_mod.} by torch.compile.
 *
 * @param prefix the prefix of all names except {@link #COUNTER}, of one or several wrappers; empty
 *     for none
 */
record Unwrapping(String prefix) {
    private static final Set<String> WRAPPERS = Set.of("module.", "_orig_mod.");

    // The counter of torch.optim.swa_utils.AveragedModel, saved next to the averaged module.
    private static final String COUNTER = "n_averaged";

    static Unwrapping of(Set<String> names) {
        String prefix = "";
        for (String longer = ""; longer != null; longer = longer(names, prefix)) {
            prefix = longer;
        }
        return new Unwrapping(prefix);
    }

    private static @Nullable String longer(Set<String> names, String prefix) {
        return WRAPPERS.stream()
                .map(prefix::concat)
                .filter(longer -> allBegin(names, longer))
                .findFirst()
                .orElse(null);
    }

    // A name equal to the prefix would become empty.
    private static boolean allBegin(Set<String> names, String prefix) {
        return names.stream().anyMatch(name -> !name.equals(COUNTER))
                && names.stream()
                        .allMatch(
                                name ->
                                        name.equals(COUNTER)
                                                || name.startsWith(prefix)
                                                        && name.length() > prefix.length());
    }

    boolean isTrivial() {
        return prefix.isEmpty();
    }

    boolean keeps(String name) {
        return name.startsWith(prefix);
    }

    String apply(String name) {
        return name.substring(prefix.length());
    }
}

package io.residuum.weights;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The prefix that wrappers of a training run put before every name: {@code module.} by
 * DataParallel, DistributedDataParallel and AveragedModel, {@code _orig_mod.} by torch.compile.
 *
 * @param prefix what every name but {@link #COUNTER} begins with; may be several wrappers' or empty
 */
record Unwrapping(String prefix) {
    private static final Set<String> WRAPPERS = Set.of("module.", "_orig_mod.");

    // Of torch.optim.swa_utils.AveragedModel, which stands beside the module it averages.
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

    // A name that is nothing but the prefix would be left without a name.
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

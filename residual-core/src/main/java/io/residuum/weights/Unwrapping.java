package io.residuum.weights;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Removes what training wrappers put into names. torch.compile, Lightning Fabric, FSDP and
 * activation checkpointing wrap any module, so their marks may be in some names only, and inside
 * them. DataParallel, DistributedDataParallel and AveragedModel put {@code module.} before every
 * name.
 */
final class Unwrapping {
    private static final List<String> MARKS =
            List.of(
                    "_orig_mod.",
                    "_forward_module.",
                    "_fsdp_wrapped_module.",
                    "_checkpoint_wrapped_module.");

    private static final String PREFIX = "module.";

    // The counter of torch.optim.swa_utils.AveragedModel, saved next to the averaged module.
    private static final String COUNTER = "n_averaged";

    private Unwrapping() {}

    /** {@return the state dict without the marks of wrappers} */
    static StateDict of(StateDict file) {
        StateDict current = file;
        for (String mark : MARKS) {
            current = unmarked(current, mark);
        }
        while (allBegin(current.names(), PREFIX)) {
            current =
                    StateDictView.renamed(
                            current,
                            name ->
                                    name.startsWith(PREFIX)
                                            ? Optional.of(name.substring(PREFIX.length()))
                                            : Optional.empty(),
                            Set.of(PREFIX));
        }
        return current;
    }

    private static StateDict unmarked(StateDict file, String mark) {
        Set<String> names = file.names();
        Set<String> without = new LinkedHashSet<>();
        names.forEach(name -> without.add(without(name, mark)));
        // Names that would become equal or empty were not made by a wrapper.
        if (without.size() < names.size()
                || without.contains("")
                || without.equals(new HashSet<>(names))) {
            return file;
        }
        return StateDictView.renamed(file, name -> Optional.of(without(name, mark)), Set.of(mark));
    }

    /** {@return the name without a mark, which is a complete part between dots} */
    private static String without(String name, String mark) {
        String dotted = "." + name;
        return dotted.replace("." + mark, ".").substring(1);
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
}

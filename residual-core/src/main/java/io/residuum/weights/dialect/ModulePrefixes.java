package io.residuum.weights.dialect;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Finds the paths of modules that contain a network, such as {@code model.}, in tensors' names. */
final class ModulePrefixes {
    /** The deepest module that is searched for, and the number of modules that are tried. */
    private static final int DEPTH = 3;

    private static final int TRIED = 12;

    private ModulePrefixes() {}

    /** {@return the prefixes that all names have, the shortest first} */
    static List<String> common(Set<String> names) {
        List<String> common = new ArrayList<>();
        for (String prefix : prefixes(names.stream().limit(1).toList())) {
            if (names.stream().allMatch(name -> begins(name, prefix))) {
                common.add(prefix);
            }
        }
        return common;
    }

    /** {@return prefixes that some names have and others lack, the shortest first} */
    static List<String> some(Set<String> names) {
        List<String> all = prefixes(names);
        all.removeAll(common(names));
        return all.subList(0, Math.min(TRIED, all.size()));
    }

    private static List<String> prefixes(Iterable<String> names) {
        List<String> all = new ArrayList<>();
        for (int depth = 1; depth <= DEPTH; depth++) {
            Set<String> found = new LinkedHashSet<>();
            for (String name : names) {
                int end = 0;
                for (int part = 0; part < depth && end >= 0; part++) {
                    end = name.indexOf('.', end) + 1;
                    end = end == 0 ? -1 : end;
                }
                if (end > 0 && end < name.length()) {
                    found.add(name.substring(0, end));
                }
            }
            all.addAll(found);
        }
        return all;
    }

    private static boolean begins(String name, String prefix) {
        return name.startsWith(prefix) && name.length() > prefix.length();
    }
}

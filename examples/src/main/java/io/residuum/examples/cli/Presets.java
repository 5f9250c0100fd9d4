package io.residuum.examples.cli;

import io.residuum.spec.Preset;
import io.residuum.spec.PresetProvider;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.ServiceLoader;

/** The presets of every module on the class path. */
final class Presets {
    private static final int SUGGESTIONS = 3;

    private Presets() {}

    static List<Preset> all() {
        return ServiceLoader.load(PresetProvider.class).stream()
                .flatMap(provider -> provider.get().presets().stream())
                .toList();
    }

    static Optional<Preset> find(String name) {
        return all().stream().filter(p -> p.name().equalsIgnoreCase(name)).findFirst();
    }

    /** The names most like a given one, the nearest first. */
    static List<String> nearest(String name) {
        String wanted = name.toLowerCase(Locale.ROOT);
        return all().stream()
                .map(Preset::name)
                .sorted(Comparator.comparingInt(candidate -> distance(wanted, candidate)))
                .limit(SUGGESTIONS)
                .toList();
    }

    /** How many characters must be added, removed or replaced (Levenshtein 1966). */
    static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replace = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replace, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}

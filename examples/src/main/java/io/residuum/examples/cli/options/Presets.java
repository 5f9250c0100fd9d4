package io.residuum.examples.cli.options;

import io.residuum.json.EditDistance;
import io.residuum.spec.Preset;
import io.residuum.spec.PresetProvider;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.ServiceLoader;

/** The presets of every module on the class path. */
public final class Presets {
    private static final int SUGGESTIONS = 3;

    private Presets() {}

    public static List<Preset> all() {
        return ServiceLoader.load(PresetProvider.class).stream()
                .flatMap(provider -> provider.get().presets().stream())
                .toList();
    }

    public static Optional<Preset> find(String name) {
        return all().stream().filter(p -> p.name().equalsIgnoreCase(name)).findFirst();
    }

    /** The names most like a given one, the nearest first. */
    static List<String> nearest(String name) {
        String wanted = name.toLowerCase(Locale.ROOT);
        return all().stream()
                .map(Preset::name)
                .sorted(
                        Comparator.comparingInt(
                                candidate -> EditDistance.between(wanted, candidate)))
                .limit(SUGGESTIONS)
                .toList();
    }
}

package io.residuum.model;

import com.google.common.base.Suppliers;
import io.residuum.json.EditDistance;
import io.residuum.spec.Preset;
import io.residuum.spec.PresetProvider;
import io.residuum.spec.PublishedWeights;
import io.residuum.spec.WeightsProvider;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The presets of every {@link PresetProvider} on the class path. */
public final class Presets {
    private static final int SUGGESTIONS = 3;

    private static final Supplier<List<PresetProvider>> PROVIDERS =
            Suppliers.memoize(
                    () ->
                            ServiceLoader.load(PresetProvider.class).stream()
                                    .map(ServiceLoader.Provider::get)
                                    .sorted(Comparator.comparingInt(PresetProvider::rank))
                                    .toList());

    /**
     * The presets of each provider, built when they are asked for: building all takes longer than
     * most commands.
     */
    private static final Supplier<List<Supplier<List<Preset>>>> TABLES =
            Suppliers.memoize(
                    () ->
                            PROVIDERS.get().stream()
                                    .<Supplier<List<Preset>>>map(
                                            provider -> Suppliers.memoize(provider::presets))
                                    .toList());

    private Presets() {}

    /** {@return all presets, in the order in which they are listed} */
    public static List<Preset> all() {
        return stream().toList();
    }

    private static Stream<Preset> stream() {
        return TABLES.get().stream().flatMap(table -> table.get().stream());
    }

    /**
     * {@return the preset of a name; empty if there is none}
     *
     * @param name the name, or that of another library, such as {@code vit_tiny_patch16_224} of
     *     timm; in upper or lower case, with dashes or underscores
     */
    public static Optional<Preset> find(String name) {
        String wanted = name.toLowerCase(Locale.ROOT).replace('_', '-');
        return named(wanted)
                .or(
                        () ->
                                PROVIDERS.get().stream()
                                        .flatMap(provider -> provider.alias(wanted).stream())
                                        .findFirst()
                                        .flatMap(Presets::named));
    }

    private static Optional<Preset> named(String name) {
        return stream().filter(preset -> preset.name().equalsIgnoreCase(name)).findFirst();
    }

    /** {@return the published weights of all presets, those to take first before others} */
    public static List<PublishedWeights> weights() {
        return ServiceLoader.load(WeightsProvider.class).stream()
                .flatMap(provider -> provider.get().weights().stream())
                .toList();
    }

    /** Returns the most similar preset names, the nearest first. */
    static List<String> nearest(String name) {
        String wanted = name.toLowerCase(Locale.ROOT);
        return stream()
                .map(Preset::name)
                .sorted(
                        Comparator.comparingInt(
                                candidate -> EditDistance.between(wanted, candidate)))
                .limit(SUGGESTIONS)
                .toList();
    }
}

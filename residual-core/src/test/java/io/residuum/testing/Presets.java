package io.residuum.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.model.Cost;
import io.residuum.model.ModelFiles;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Preset;
import io.residuum.spec.json.SpecJson;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Checks that hold for all presets. */
public final class Presets {
    private Presets() {}

    /** The network of a preset. */
    public static ModelSpec named(List<Preset> presets, String name) {
        return presets.stream().filter(p -> p.name().equals(name)).findFirst().orElseThrow().spec();
    }

    /** Checks the names, and a pattern in each citation. */
    public static void requireDistinctAndCited(List<Preset> presets, String citation) {
        Set<String> names = new HashSet<>();
        for (Preset p : presets) {
            assertTrue(names.add(p.name()), p.name());
            assertTrue(p.citation().matches(".*" + citation + ".*"), p.name());
        }
    }

    /** Checks that a family and its layers have the same parameters and costs. */
    public static void requireSameExpanded(ModelSpec spec) {
        assertEquals(
                spec.newBlock().namedParameters().keySet(),
                spec.expand().newBlock().namedParameters().keySet());
        assertEquals(Cost.of(spec.newBlock()), Cost.of(spec.expand().newBlock()));
    }

    /** Checks that the JSON of a family's layers reads as the same network. */
    public static void requireSameFromJson(ModelSpec preset) {
        SpecJson json = SpecJson.standard();
        ModelSpec read = json.parse(json.write(preset.expand()), preset.name(), ModelSpec.class);
        assertEquals(
                List.copyOf(preset.newBlock().namedParameters().keySet()),
                List.copyOf(read.newBlock().namedParameters().keySet()));
        assertEquals(ModelFiles.fingerprint(preset), ModelFiles.fingerprint(read));
    }
}

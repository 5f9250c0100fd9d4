package io.residuum.spec;

import java.util.List;

/** Offers presets. Found by {@link java.util.ServiceLoader}. */
public interface PresetProvider {

    /**
     * The presets, in the order in which they are listed.
     *
     * @return presets with names that no other provider uses
     */
    List<Preset> presets();
}

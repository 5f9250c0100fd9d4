package io.residuum.spec;

import java.util.List;

/** Registers presets. {@link java.util.ServiceLoader} finds it. */
public interface PresetProvider {

    /** {@return presets in the order of listings, with names that no other provider uses} */
    List<Preset> presets();
}

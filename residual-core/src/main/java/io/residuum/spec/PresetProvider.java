package io.residuum.spec;

import java.util.List;

/** Registers presets. {@link java.util.ServiceLoader} finds it. */
public interface PresetProvider {

    /** {@return presets in the order of listings, with names that no other provider uses} */
    List<Preset> presets();

    /**
     * {@return the place of these presets in listings: lower ranks come first, and equal ranks in
     * the order of the class path} Default: 0
     */
    default int rank() {
        return 0;
    }
}

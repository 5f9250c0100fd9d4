package io.residuum.spec;

import java.util.List;
import java.util.Optional;

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

    /**
     * Finds a preset by the name of another library.
     *
     * @param name the name in lower case, with dashes instead of underscores; no preset has it
     * @return the name of a preset of any provider; empty if the name is unknown. Default: empty
     */
    default Optional<String> alias(String name) {
        return Optional.empty();
    }
}

package io.residuum.transformer.generate;

import io.residuum.model.ModelSource;
import java.nio.file.Path;

/** Reads settings of generation as a generator does, without an engine. */
public final class GenerationSettings {
    private GenerationSettings() {}

    /** Reads the settings of a model that a {@code config.json} describes. */
    public static void read(Path config) {
        GenerationConfig.of(ModelSource.of(config).metadata(), 100);
    }
}

package io.residuum.spec;

import java.util.List;

/**
 * Registers layer records for JSON. Found by {@link java.util.ServiceLoader}, so a user's own jar
 * can have one.
 */
public interface LayerProvider {

    /**
     * The records, each with a {@link TypeName}.
     *
     * @return records that implement {@link LayerSpec}
     */
    List<Class<? extends LayerSpec>> layers();
}

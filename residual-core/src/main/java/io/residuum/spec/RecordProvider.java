package io.residuum.spec;

import java.util.List;

/**
 * Registers records that implement open interfaces, such as {@link LayerSpec}, for JSON. {@link
 * java.util.ServiceLoader} finds it, so a user's jar can have one. Records that are nested in their
 * interface need no registration.
 */
public interface RecordProvider {

    /**
     * {@return record classes, each with a {@link TypeName}} A record is registered for every open
     * interface that it implements. Its name must be unique among the records of each interface.
     */
    List<Class<? extends Record>> records();
}

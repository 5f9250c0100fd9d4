package io.residuum.spec;

import java.util.List;

/**
 * Registers records that stand for open interfaces in JSON, such as {@link LayerSpec}. Found by
 * {@link java.util.ServiceLoader}, so a user's own jar can have one.
 */
public interface RecordProvider {

    /**
     * Returns the records, each with a {@link TypeName}. A record stands for every open interface
     * that it implements; its name is unique among the records of that interface.
     *
     * @return record classes
     */
    List<Class<? extends Record>> records();
}

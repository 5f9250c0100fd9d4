package io.residuum.nn.trait;

/** A layer that looks up ids in a table. */
public interface HasVocabulary {

    /** {@return the number of ids; ids are in [0, vocabulary)} */
    long vocabulary();
}

package io.residuum.weights.dialect;

import java.util.List;

/** Provides dialects, found by {@link java.util.ServiceLoader}. */
public interface DialectProvider {

    /** {@return the dialects, in the order of preference} */
    List<Dialect> dialects();
}

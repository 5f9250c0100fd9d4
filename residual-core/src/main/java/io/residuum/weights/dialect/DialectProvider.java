package io.residuum.weights.dialect;

import java.util.List;

/** Offers dialects. Found by {@link java.util.ServiceLoader}. */
public interface DialectProvider {

    /**
     * The dialects.
     *
     * @return tables, those that are preferred where several say the same first
     */
    List<Dialect> dialects();
}

package io.residuum.weights.dialect;

import io.residuum.spec.Check;
import io.residuum.spec.Default;

/**
 * Rows of a library's tensor that the network's parameter lacks. They are written as zeros.
 *
 * @param before the number of rows before ours, such as the offset of positions. Default: 0
 * @param after the number of rows after ours, such as the padding of a vocabulary. Default: 0
 */
public record ExtraRows(@Default("0") int before, @Default("0") int after) {
    public ExtraRows {
        Check.notNegative("before", before);
        Check.notNegative("after", after);
    }

    boolean isEmpty() {
        return before == 0 && after == 0;
    }
}

/** The residual block: one record, one layer, and the values of its slots. */
@NullMarked
package io.residuum.residual;

import org.jspecify.annotations.NullMarked;

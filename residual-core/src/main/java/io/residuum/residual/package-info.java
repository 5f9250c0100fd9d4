/** The residual block: one record, one layer, and the settings of its parts. */
@NullMarked
package io.residuum.residual;

import org.jspecify.annotations.NullMarked;

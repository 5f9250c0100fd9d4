/** Whole networks on several streams or with connections to earlier units, by one setting. */
@NullMarked
package io.residuum.residual.wiring;

import org.jspecify.annotations.NullMarked;

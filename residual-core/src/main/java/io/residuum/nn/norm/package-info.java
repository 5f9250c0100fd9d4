/** Normalizations. */
@NullMarked
package io.residuum.nn.norm;

import org.jspecify.annotations.NullMarked;

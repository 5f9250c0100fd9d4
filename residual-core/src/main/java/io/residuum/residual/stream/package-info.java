/** Layers of several residual streams and of earlier states. */
@NullMarked
package io.residuum.residual.stream;

import org.jspecify.annotations.NullMarked;

/** Layers that training computes a second time, and the inverses of layers. */
@NullMarked
package io.residuum.nn.invert;

import org.jspecify.annotations.NullMarked;

/** Layers that move or pad positions and channels. */
@NullMarked
package io.residuum.nn.spatial;

import org.jspecify.annotations.NullMarked;

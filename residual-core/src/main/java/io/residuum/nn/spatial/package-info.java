/** Layers that move, resample or extend positions and channels. */
@NullMarked
package io.residuum.nn.spatial;

import org.jspecify.annotations.NullMarked;

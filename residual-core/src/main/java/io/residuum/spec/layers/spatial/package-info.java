/**
 * Specs of convolutions and pools over sequences and volumes, of transposed convolutions, and of
 * layers that move, resample or extend positions and channels.
 */
@NullMarked
package io.residuum.spec.layers.spatial;

import org.jspecify.annotations.NullMarked;

/** Pooling of images and sequences. */
@NullMarked
package io.residuum.nn.pool;

import org.jspecify.annotations.NullMarked;

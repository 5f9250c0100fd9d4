/** Optional interfaces of layers, beside {@link io.residuum.nn.Layer}. */
@NullMarked
package io.residuum.nn.trait;

import org.jspecify.annotations.NullMarked;

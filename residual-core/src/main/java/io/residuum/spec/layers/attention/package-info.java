/** Layers of images that weight channels and positions by attention. */
@NullMarked
package io.residuum.spec.layers.attention;

import org.jspecify.annotations.NullMarked;

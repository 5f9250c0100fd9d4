/** Convolutional families of residual networks. */
@NullMarked
package io.residuum.vision;

import org.jspecify.annotations.NullMarked;

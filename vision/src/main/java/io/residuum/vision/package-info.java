/** Convolutional families of residual networks, and their presets. */
@NullMarked
package io.residuum.vision;

import org.jspecify.annotations.NullMarked;

/** The parts that convolutional networks share. */
@NullMarked
package io.residuum.vision.convolution;

import org.jspecify.annotations.NullMarked;

/** Networks that classify every pixel: DeepLab, fully convolutional networks, U-Nets. */
@NullMarked
package io.residuum.vision.segment;

import org.jspecify.annotations.NullMarked;

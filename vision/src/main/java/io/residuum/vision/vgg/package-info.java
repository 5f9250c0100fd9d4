/** VGG: plain stacks of 3x3 convolutions, as a family record and presets with citations. */
@NullMarked
package io.residuum.vision.vgg;

import org.jspecify.annotations.NullMarked;

/** Plain networks: VGG, AlexNet and SqueezeNet. */
@NullMarked
package io.residuum.vision.vgg;

import org.jspecify.annotations.NullMarked;

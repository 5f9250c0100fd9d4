/** Inception-v4 and Inception-ResNet-v2: family records and presets with citations. */
@NullMarked
package io.residuum.vision.inception;

import org.jspecify.annotations.NullMarked;

/** Networks for mobile devices other than EfficientNets: GhostNet, ReXNet and ShuffleNetV2. */
@NullMarked
package io.residuum.vision.mobile;

import org.jspecify.annotations.NullMarked;

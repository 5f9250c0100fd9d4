/** Networks for mobile devices beside those of inverted residuals: GhostNet, ReXNet, ShuffleNet. */
@NullMarked
package io.residuum.vision.mobile;

import org.jspecify.annotations.NullMarked;

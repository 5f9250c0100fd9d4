/** Networks of inverted residuals: MobileNet, MnasNet, EfficientNet. */
@NullMarked
package io.residuum.vision.efficientnet;

import org.jspecify.annotations.NullMarked;

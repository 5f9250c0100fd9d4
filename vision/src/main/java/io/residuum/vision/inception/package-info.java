/** GoogLeNet, Inceptions and Xception: family records and presets with citations. */
@NullMarked
package io.residuum.vision.inception;

import org.jspecify.annotations.NullMarked;

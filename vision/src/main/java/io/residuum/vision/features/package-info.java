/** Features of any network by stage, feature pyramids, and strides that become dilations. */
@NullMarked
package io.residuum.vision.features;

import org.jspecify.annotations.NullMarked;

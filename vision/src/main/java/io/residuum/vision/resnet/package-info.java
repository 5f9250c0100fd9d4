/** ResNets and their relatives: one family record and a table of presets with citations. */
@NullMarked
package io.residuum.vision.resnet;

import org.jspecify.annotations.NullMarked;

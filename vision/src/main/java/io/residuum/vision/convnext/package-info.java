/** ConvNeXts. */
@NullMarked
package io.residuum.vision.convnext;

import org.jspecify.annotations.NullMarked;

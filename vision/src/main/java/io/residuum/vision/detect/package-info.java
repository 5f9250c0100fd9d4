/** Networks that find objects: anchors, losses, data with boxes, mean average precision. */
@NullMarked
package io.residuum.vision.detect;

import org.jspecify.annotations.NullMarked;

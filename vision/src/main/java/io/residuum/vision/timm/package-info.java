/** Models as timm describes them. */
@NullMarked
package io.residuum.vision.timm;

import org.jspecify.annotations.NullMarked;

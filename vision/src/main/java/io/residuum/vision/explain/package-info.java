/** Explanations of what a classifier of images looks at, as heat maps. */
@NullMarked
package io.residuum.vision.explain;

import org.jspecify.annotations.NullMarked;

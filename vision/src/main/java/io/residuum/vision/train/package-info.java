/** Training and evaluation of image classifiers. */
@NullMarked
package io.residuum.vision.train;

import org.jspecify.annotations.NullMarked;

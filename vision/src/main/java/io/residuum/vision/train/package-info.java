/** Trains and evaluates image classifiers. */
@NullMarked
package io.residuum.vision.train;

import org.jspecify.annotations.NullMarked;

/**
 * Labelled sets of images, where they come from, and a loader that runs ahead of training. Plain
 * Java: no engine is touched here, so that data may be opened before one is chosen.
 */
@NullMarked
package io.residuum.vision.data;

import org.jspecify.annotations.NullMarked;

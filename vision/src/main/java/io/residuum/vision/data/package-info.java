/**
 * Labelled sets of images, their sources, and a loader that prefetches batches for training.
 * Nothing here uses an engine, so data can be opened before an engine is chosen.
 */
@NullMarked
package io.residuum.vision.data;

import org.jspecify.annotations.NullMarked;

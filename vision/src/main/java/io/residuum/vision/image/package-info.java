/** Reads, resizes and normalizes a single image. */
@NullMarked
package io.residuum.vision.image;

import org.jspecify.annotations.NullMarked;

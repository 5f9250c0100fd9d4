/** One image: its shape, resizing, normalization, and reading it from a file. */
@NullMarked
package io.residuum.vision.image;

import org.jspecify.annotations.NullMarked;

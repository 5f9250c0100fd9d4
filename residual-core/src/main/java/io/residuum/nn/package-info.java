/** Layers, one operation a file, and what a forward pass hands them. */
@NullMarked
package io.residuum.nn;

import org.jspecify.annotations.NullMarked;

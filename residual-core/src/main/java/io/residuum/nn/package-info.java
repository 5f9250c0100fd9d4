/** Layers, one operation per file, and the state of a forward pass. */
@NullMarked
package io.residuum.nn;

import org.jspecify.annotations.NullMarked;

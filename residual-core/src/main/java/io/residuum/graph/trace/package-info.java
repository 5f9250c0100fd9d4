/** Captures the graph of a network by running its forward pass on arrays that record operations. */
@NullMarked
package io.residuum.graph.trace;

import org.jspecify.annotations.NullMarked;

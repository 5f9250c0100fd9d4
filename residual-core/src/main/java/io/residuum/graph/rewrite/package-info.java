/** Passes that rewrite graphs to compute the same function faster. */
@NullMarked
package io.residuum.graph.rewrite;

import org.jspecify.annotations.NullMarked;

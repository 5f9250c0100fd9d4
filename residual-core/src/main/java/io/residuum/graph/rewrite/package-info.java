/** Rewriting graphs: the same function of the same inputs, computed with less. */
@NullMarked
package io.residuum.graph.rewrite;

import org.jspecify.annotations.NullMarked;

/**
 * A network as one graph of operations, captured from its forward pass. Passes rewrite the graph,
 * and emitters translate it for an engine or another runtime.
 */
@NullMarked
package io.residuum.graph;

import org.jspecify.annotations.NullMarked;

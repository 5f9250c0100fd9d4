/**
 * A network as one graph of operations: captured from the forward pass itself, rewritten, and
 * emitted as what an engine or another runtime executes whole.
 */
@NullMarked
package io.residuum.graph;

import org.jspecify.annotations.NullMarked;

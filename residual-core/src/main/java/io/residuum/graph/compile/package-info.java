/** Whole networks as programs of an engine, checked against the network they come from. */
@NullMarked
package io.residuum.graph.compile;

import org.jspecify.annotations.NullMarked;

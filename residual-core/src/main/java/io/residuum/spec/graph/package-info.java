/** Graphs of layers, and layers that join and split values. */
@NullMarked
package io.residuum.spec.graph;

import org.jspecify.annotations.NullMarked;

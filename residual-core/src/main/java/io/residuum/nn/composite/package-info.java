/** Layers that connect other layers or values: graphs, sums, products, concatenation. */
@NullMarked
package io.residuum.nn.composite;

import org.jspecify.annotations.NullMarked;

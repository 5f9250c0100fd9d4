/** Compiles networks into programs of an engine and checks them against the network. */
@NullMarked
package io.residuum.compile;

import org.jspecify.annotations.NullMarked;

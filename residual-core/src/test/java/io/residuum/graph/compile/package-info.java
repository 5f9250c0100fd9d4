/** Tests of compiled networks. */
@NullMarked
package io.residuum.graph.compile;

import org.jspecify.annotations.NullMarked;

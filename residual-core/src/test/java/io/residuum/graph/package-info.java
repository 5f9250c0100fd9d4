/** Tests of the blocks. */
@NullMarked
package io.residuum.graph;

import org.jspecify.annotations.NullMarked;

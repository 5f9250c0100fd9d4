/** Tests of the blocks. */
@NullMarked
package io.residuum.graph.rewrite;

import org.jspecify.annotations.NullMarked;

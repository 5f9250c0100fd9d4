/** Tests of drawings. */
@NullMarked
package io.residuum.graph.draw;

import org.jspecify.annotations.NullMarked;

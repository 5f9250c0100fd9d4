/** Stacks of transformer blocks and where their norms are placed. */
@NullMarked
package io.residuum.transformer.blocks;

import org.jspecify.annotations.NullMarked;

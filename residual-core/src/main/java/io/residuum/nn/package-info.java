/**
 * The blocks: one operation a file, and {@link io.residuum.nn.ResidualBlock}, where a shortcut
 * meets a branch.
 */
@NullMarked
package io.residuum.nn;

import org.jspecify.annotations.NullMarked;

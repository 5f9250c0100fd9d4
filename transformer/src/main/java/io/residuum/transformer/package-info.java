/** Attention families on the same residual block. */
@NullMarked
package io.residuum.transformer;

import org.jspecify.annotations.NullMarked;

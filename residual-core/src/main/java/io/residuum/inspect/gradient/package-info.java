/**
 * Analyses of gradients: their norms by unit and by parameter, what shortcuts and branches carry of
 * them, and how alike those of neighbouring inputs are.
 */
@NullMarked
package io.residuum.inspect.gradient;

import org.jspecify.annotations.NullMarked;

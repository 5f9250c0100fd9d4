/**
 * Analyses of gradients: their norms by unit and by parameter, what shortcuts and branches carry of
 * them, and the correlation of those of neighbouring inputs.
 */
@NullMarked
package io.residuum.inspect.gradient;

import org.jspecify.annotations.NullMarked;

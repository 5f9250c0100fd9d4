/**
 * Analyses of what units compute: the similarity of their outputs, the predictions that the final
 * layers read from them, and the spectrum of their Jacobians.
 */
@NullMarked
package io.residuum.inspect.representation;

import org.jspecify.annotations.NullMarked;

/** Losses of the outputs of a network, and the targets that they compare them with. */
@NullMarked
package io.residuum.loss;

import org.jspecify.annotations.NullMarked;

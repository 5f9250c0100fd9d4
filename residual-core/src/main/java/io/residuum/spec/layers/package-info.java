/** Records of plain layers, and the norms, activations and initializations they name. */
@NullMarked
package io.residuum.spec.layers;

import org.jspecify.annotations.NullMarked;

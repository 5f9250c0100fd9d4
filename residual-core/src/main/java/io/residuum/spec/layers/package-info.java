/** Records of plain layers, norms, activations and initializations. */
@NullMarked
package io.residuum.spec.layers;

import org.jspecify.annotations.NullMarked;

/** Quantization of trained networks to 8 or 4 bits. */
@NullMarked
package io.residuum.model.quantize;

import org.jspecify.annotations.NullMarked;

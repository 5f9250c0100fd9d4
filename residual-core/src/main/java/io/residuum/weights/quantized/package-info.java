/** Numbers of few bits: integers with scales, and floats of 16 bits. */
@NullMarked
package io.residuum.weights.quantized;

import org.jspecify.annotations.NullMarked;

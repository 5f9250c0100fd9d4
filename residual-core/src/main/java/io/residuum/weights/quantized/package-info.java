/** Weights as integers of few bits with scales. */
@NullMarked
package io.residuum.weights.quantized;

import org.jspecify.annotations.NullMarked;

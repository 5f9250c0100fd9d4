@NullMarked
package io.residuum.weights.quantized;

import org.jspecify.annotations.NullMarked;

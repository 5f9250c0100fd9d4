@NullMarked
package io.residuum.model.quantize;

import org.jspecify.annotations.NullMarked;

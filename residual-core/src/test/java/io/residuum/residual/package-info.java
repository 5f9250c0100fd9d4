@NullMarked
package io.residuum.residual;

import org.jspecify.annotations.NullMarked;

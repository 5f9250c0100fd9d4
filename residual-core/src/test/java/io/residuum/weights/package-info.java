@NullMarked
package io.residuum.weights;

import org.jspecify.annotations.NullMarked;

@NullMarked
package io.residuum.train;

import org.jspecify.annotations.NullMarked;

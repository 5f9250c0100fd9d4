@NullMarked
package io.residuum.compile;

import org.jspecify.annotations.NullMarked;

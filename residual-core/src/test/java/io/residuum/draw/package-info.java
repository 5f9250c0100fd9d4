@NullMarked
package io.residuum.draw;

import org.jspecify.annotations.NullMarked;

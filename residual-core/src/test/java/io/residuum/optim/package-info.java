@NullMarked
package io.residuum.optim;

import org.jspecify.annotations.NullMarked;

/** Optimizers, learning-rate schedules, moving averages of weights, and parameter groups. */
@NullMarked
package io.residuum.optim;

import org.jspecify.annotations.NullMarked;

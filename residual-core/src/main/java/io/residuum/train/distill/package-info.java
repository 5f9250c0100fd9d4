/** Distillation: training by the outputs and features of a trained network. */
@NullMarked
package io.residuum.train.distill;

import org.jspecify.annotations.NullMarked;

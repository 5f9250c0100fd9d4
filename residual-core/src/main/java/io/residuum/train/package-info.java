/**
 * Training: recipes, our own training step and optimizers, schedules, checkpoints, evaluation.
 *
 * <p>{@link io.residuum.train.Trainer} is the way in; {@link io.residuum.train.TrainingStep} is its
 * inner loop for those who write their own.
 */
@NullMarked
package io.residuum.train;

import org.jspecify.annotations.NullMarked;

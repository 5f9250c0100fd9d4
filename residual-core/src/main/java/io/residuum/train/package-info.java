/**
 * Training: recipes, the training step, checkpoints, evaluation, run folders.
 *
 * <p>Begin with {@link io.residuum.train.Trainer}. To write your own training loop, use {@link
 * io.residuum.train.TrainingStep}.
 */
@NullMarked
package io.residuum.train;

import org.jspecify.annotations.NullMarked;

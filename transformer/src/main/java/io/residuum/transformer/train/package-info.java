/**
 * What transformers learn from text, as tasks of {@link io.residuum.train.Trainer}: to continue it,
 * to fill its gaps, to tell texts apart.
 */
@NullMarked
package io.residuum.transformer.train;

import org.jspecify.annotations.NullMarked;

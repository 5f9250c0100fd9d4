/**
 * Tasks on text for {@link io.residuum.train.Trainer}: language modelling, masked language
 * modelling and text classification.
 */
@NullMarked
package io.residuum.transformer.train;

import org.jspecify.annotations.NullMarked;

/** Predictions of an evaluation, sample by sample: their receiver, and files of them. */
@NullMarked
package io.residuum.train.predictions;

import org.jspecify.annotations.NullMarked;

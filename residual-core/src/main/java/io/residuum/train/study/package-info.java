/**
 * Studies around the training of a network: the learning-rate range test, cross-validation and
 * calibration.
 */
@NullMarked
package io.residuum.train.study;

import org.jspecify.annotations.NullMarked;

/**
 * Studies around the training of a network: comparisons of networks and recipes over seeds, the
 * learning-rate range test, cross-validation and calibration.
 *
 * <p>Begin with {@link io.residuum.train.study.Study} and {@link
 * io.residuum.train.study.StudyRunner}.
 */
@NullMarked
package io.residuum.train.study;

import org.jspecify.annotations.NullMarked;

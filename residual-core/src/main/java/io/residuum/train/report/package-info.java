/** The report of a training run: one HTML file with pictures, complete without a network. */
@NullMarked
package io.residuum.train.report;

import org.jspecify.annotations.NullMarked;

/** Writes the report of a training run: one HTML file with pictures that works offline. */
@NullMarked
package io.residuum.train.report;

import org.jspecify.annotations.NullMarked;

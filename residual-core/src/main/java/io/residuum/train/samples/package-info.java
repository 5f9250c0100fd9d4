/**
 * Training on samples of your own: named input arrays and named targets in plain Java, for a
 * network of any number of inputs and outputs.
 */
@NullMarked
package io.residuum.train.samples;

import org.jspecify.annotations.NullMarked;

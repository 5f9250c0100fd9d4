/**
 * Callbacks: code that a training run calls at each step and epoch, and that may stop it or change
 * its learning rate.
 */
@NullMarked
package io.residuum.train.callback;

import org.jspecify.annotations.NullMarked;

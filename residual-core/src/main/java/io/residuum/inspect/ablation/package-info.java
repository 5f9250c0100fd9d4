/**
 * Analyses that cut or replace parts of units: branches, shortcuts, feed-forward layers, or the
 * gradient through them.
 */
@NullMarked
package io.residuum.inspect.ablation;

import org.jspecify.annotations.NullMarked;

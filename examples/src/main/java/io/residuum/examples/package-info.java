/** Runnable examples. */
@NullMarked
package io.residuum.examples;

import org.jspecify.annotations.NullMarked;

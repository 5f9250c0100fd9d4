/** Helpers that tests of several modules share. */
@NullMarked
package io.residuum.testing;

import org.jspecify.annotations.NullMarked;

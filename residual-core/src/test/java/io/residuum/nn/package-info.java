/** Tests of the blocks. */
@NullMarked
package io.residuum.nn;

import org.jspecify.annotations.NullMarked;

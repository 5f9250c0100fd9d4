/** Tests of the blocks. */
@NullMarked
package io.residuum.nn.spatial;

import org.jspecify.annotations.NullMarked;

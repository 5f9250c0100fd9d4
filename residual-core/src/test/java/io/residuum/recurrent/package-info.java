/** Tests of recurrent layers. */
@NullMarked
package io.residuum.recurrent;

import org.jspecify.annotations.NullMarked;

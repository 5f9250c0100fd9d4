/** Tests of what specs build. */
@NullMarked
package io.residuum.spec;

import org.jspecify.annotations.NullMarked;

/** The root of the exceptions that every room throws. */
@NullMarked
package io.residuum;

import org.jspecify.annotations.NullMarked;

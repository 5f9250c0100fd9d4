/** The guides: their listings are regions of this module's tests. */
@NullMarked
package io.residuum.docs;

import org.jspecify.annotations.NullMarked;

/** The listings of the guides, run. */
@NullMarked
package io.residuum.docs;

import org.jspecify.annotations.NullMarked;

/** Files that are either complete or absent. */
@NullMarked
package io.residuum.files;

import org.jspecify.annotations.NullMarked;

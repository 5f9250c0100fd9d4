/** Files that are either complete or absent, and texts in jars. */
@NullMarked
package io.residuum.files;

import org.jspecify.annotations.NullMarked;

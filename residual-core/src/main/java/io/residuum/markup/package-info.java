/** Markup that is well formed whatever texts it holds: pages and drawings. */
@NullMarked
package io.residuum.markup;

import org.jspecify.annotations.NullMarked;

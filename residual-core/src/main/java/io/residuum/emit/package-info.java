/** Selects the target and the rewriting passes for an engine. */
@NullMarked
package io.residuum.emit;

import org.jspecify.annotations.NullMarked;

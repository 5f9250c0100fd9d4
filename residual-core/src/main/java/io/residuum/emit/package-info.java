/** Chooses the language, and the passes, that serve an engine. */
@NullMarked
package io.residuum.emit;

import org.jspecify.annotations.NullMarked;

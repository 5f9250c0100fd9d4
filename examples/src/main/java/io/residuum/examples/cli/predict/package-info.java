/** The {@code predict} command. */
@NullMarked
package io.residuum.examples.cli.predict;

import org.jspecify.annotations.NullMarked;

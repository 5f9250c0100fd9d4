/** The {@code bench} command. */
@NullMarked
package io.residuum.examples.cli.bench;

import org.jspecify.annotations.NullMarked;

/** The {@code residuum} command line, one class per command. */
@NullMarked
package io.residuum.examples.cli;

import org.jspecify.annotations.NullMarked;

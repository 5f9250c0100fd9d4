/** The command line: one command a file, and what they share. */
@NullMarked
package io.residuum.examples.cli;

import org.jspecify.annotations.NullMarked;

/** Groups of command-line options that several commands share. */
@NullMarked
package io.residuum.examples.cli.options;

import org.jspecify.annotations.NullMarked;

/** The bench command and its measurements. */
@NullMarked
package io.residuum.examples.cli.bench;

import org.jspecify.annotations.NullMarked;

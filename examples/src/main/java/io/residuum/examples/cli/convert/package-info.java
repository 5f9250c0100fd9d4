/** The commands {@code import}, {@code export} and {@code export-weights}. */
@NullMarked
package io.residuum.examples.cli.convert;

import org.jspecify.annotations.NullMarked;

/** Lays out diagrams and writes them as SVG, PNG and PDF. */
@NullMarked
package io.residuum.picture;

import org.jspecify.annotations.NullMarked;

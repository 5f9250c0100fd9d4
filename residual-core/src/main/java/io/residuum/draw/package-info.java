/** Draws charts and pictures of graphs as SVG, HTML and Mermaid text. */
@NullMarked
package io.residuum.draw;

import org.jspecify.annotations.NullMarked;

/**
 * Drawings of captured graphs, from stages down to single operations: as SVG, laid out here, and as
 * text for Mermaid.
 */
@NullMarked
package io.residuum.graph.draw;

import org.jspecify.annotations.NullMarked;

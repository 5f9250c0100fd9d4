/** Layers of two-dimensional streams: sequence alignments and pairs of positions. */
@NullMarked
package io.residuum.transformer.evoformer;

import org.jspecify.annotations.NullMarked;

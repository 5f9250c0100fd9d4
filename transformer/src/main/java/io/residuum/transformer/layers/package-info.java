/** Layers at both ends of a transformer: embeddings ahead of its blocks, heads behind them. */
@NullMarked
package io.residuum.transformer.layers;

import org.jspecify.annotations.NullMarked;

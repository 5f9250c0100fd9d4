/** Embeddings and heads: the layers before and after the blocks of a transformer. */
@NullMarked
package io.residuum.transformer.layers;

import org.jspecify.annotations.NullMarked;

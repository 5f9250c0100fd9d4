/** Families of transformers, from the embeddings to the heads. */
@NullMarked
package io.residuum.transformer.family;

import org.jspecify.annotations.NullMarked;

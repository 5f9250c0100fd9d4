/** Texts that belong together, for learning and measuring embeddings. */
@NullMarked
package io.residuum.transformer.text.pairs;

import org.jspecify.annotations.NullMarked;

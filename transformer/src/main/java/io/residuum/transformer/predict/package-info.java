/** Classifies, embeds and generates texts with trained networks. */
@NullMarked
package io.residuum.transformer.predict;

import org.jspecify.annotations.NullMarked;

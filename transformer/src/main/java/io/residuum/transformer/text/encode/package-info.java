/** Tokens with offsets, pairs of texts, truncation and overlapping windows. */
@NullMarked
package io.residuum.transformer.text.encode;

import org.jspecify.annotations.NullMarked;

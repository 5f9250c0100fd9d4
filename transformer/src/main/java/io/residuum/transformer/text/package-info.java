/** Tokenizers, and memory-mapped data sets of text. */
@NullMarked
package io.residuum.transformer.text;

import org.jspecify.annotations.NullMarked;

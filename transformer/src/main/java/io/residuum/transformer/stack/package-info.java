/** Transformer blocks in a row, and an encoder beside a decoder. */
@NullMarked
package io.residuum.transformer.stack;

import org.jspecify.annotations.NullMarked;

/** Transformers with an encoder and a decoder. */
@NullMarked
package io.residuum.transformer.seq2seq;

import org.jspecify.annotations.NullMarked;

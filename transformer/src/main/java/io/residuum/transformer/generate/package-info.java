/** Generates text with a language model, token by token. */
@NullMarked
package io.residuum.transformer.generate;

import org.jspecify.annotations.NullMarked;

/** The names that other libraries give the weights of transformers. */
@NullMarked
package io.residuum.transformer.dialect;

import org.jspecify.annotations.NullMarked;

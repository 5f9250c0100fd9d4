/** Transformers for text and images, built from the residual unit. */
@NullMarked
package io.residuum.transformer;

import org.jspecify.annotations.NullMarked;

/** Models of images and texts with a common space of embeddings, such as CLIP. */
@NullMarked
package io.residuum.transformer.clip;

import org.jspecify.annotations.NullMarked;

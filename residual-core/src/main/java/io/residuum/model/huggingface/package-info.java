/** The configurations of Hugging Face transformers: what all models have in common. */
@NullMarked
package io.residuum.model.huggingface;

import org.jspecify.annotations.NullMarked;

/** Convolutional networks as Hugging Face transformers describes them. */
@NullMarked
package io.residuum.vision.huggingface;

import org.jspecify.annotations.NullMarked;

/** Models in GGUF files of llama.cpp. */
@NullMarked
package io.residuum.transformer.family.gguf;

import org.jspecify.annotations.NullMarked;

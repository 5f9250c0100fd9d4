/** Reads weight files (safetensors, PyTorch, llama2.c) and writes safetensors, in plain Java. */
@NullMarked
package io.residuum.weights;

import org.jspecify.annotations.NullMarked;

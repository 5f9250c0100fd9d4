/** Named tensors on disk: safetensors files, read and written in plain Java. */
@NullMarked
package io.residuum.weights;

import org.jspecify.annotations.NullMarked;

/** Runs graphs on onnxruntime. Its library is optional. */
@NullMarked
package io.residuum.emit.onnx.runtime;

import org.jspecify.annotations.NullMarked;

/** Translates graphs into ONNX files. */
@NullMarked
package io.residuum.emit.onnx;

import org.jspecify.annotations.NullMarked;

/** Writes a graph as an ONNX file. */
@NullMarked
package io.residuum.emit.onnx;

import org.jspecify.annotations.NullMarked;

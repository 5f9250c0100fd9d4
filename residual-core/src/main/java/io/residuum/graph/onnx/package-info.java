/** Graphs as ONNX files, for onnxruntime and whatever else reads the format. */
@NullMarked
package io.residuum.graph.onnx;

import org.jspecify.annotations.NullMarked;

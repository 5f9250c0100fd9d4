@NullMarked
package io.residuum.graph.onnx;

import org.jspecify.annotations.NullMarked;

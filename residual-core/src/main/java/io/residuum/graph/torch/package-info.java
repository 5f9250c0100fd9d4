/** Graphs as TorchScript, written by Java and run by PyTorch. */
@NullMarked
package io.residuum.graph.torch;

import org.jspecify.annotations.NullMarked;

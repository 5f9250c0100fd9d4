/** Turns a graph into a TorchScript module and runs it. */
@NullMarked
package io.residuum.emit.torch;

import org.jspecify.annotations.NullMarked;

/** TorchScript modules: the archives that PyTorch reads, and how they are loaded and called. */
@NullMarked
package io.residuum.engine.torch;

import org.jspecify.annotations.NullMarked;

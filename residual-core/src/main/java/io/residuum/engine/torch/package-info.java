/** TorchScript modules: writing the archives that PyTorch reads, loading and calling them. */
@NullMarked
package io.residuum.engine.torch;

import org.jspecify.annotations.NullMarked;

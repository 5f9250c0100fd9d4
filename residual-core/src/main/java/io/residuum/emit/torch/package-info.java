/** Translates graphs into TorchScript modules, which run on PyTorch or are exported. */
@NullMarked
package io.residuum.emit.torch;

import org.jspecify.annotations.NullMarked;

/** Translates graphs into MXNet symbols, which run on MXNet or are exported. */
@NullMarked
package io.residuum.emit.mxnet;

import org.jspecify.annotations.NullMarked;

/** Turns a graph into an MXNet symbol and runs it. */
@NullMarked
package io.residuum.emit.mxnet;

import org.jspecify.annotations.NullMarked;

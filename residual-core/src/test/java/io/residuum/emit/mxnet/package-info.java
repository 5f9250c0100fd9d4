@NullMarked
package io.residuum.emit.mxnet;

import org.jspecify.annotations.NullMarked;

@NullMarked
package io.residuum.graph.mxnet;

import org.jspecify.annotations.NullMarked;

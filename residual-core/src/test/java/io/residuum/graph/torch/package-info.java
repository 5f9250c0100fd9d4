@NullMarked
package io.residuum.graph.torch;

import org.jspecify.annotations.NullMarked;

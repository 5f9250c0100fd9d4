@NullMarked
package io.residuum.graph.trace;

import org.jspecify.annotations.NullMarked;

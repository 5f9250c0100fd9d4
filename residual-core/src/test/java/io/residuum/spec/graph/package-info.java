@NullMarked
package io.residuum.spec.graph;

import org.jspecify.annotations.NullMarked;

@NullMarked
package io.residuum.engine;

import org.jspecify.annotations.NullMarked;

@NullMarked
package io.residuum.inspect.representation;

import org.jspecify.annotations.NullMarked;

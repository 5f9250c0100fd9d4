@NullMarked
package io.residuum.inspect.gradient;

import org.jspecify.annotations.NullMarked;

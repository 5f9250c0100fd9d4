@NullMarked
package io.residuum.inspect;

import org.jspecify.annotations.NullMarked;

@NullMarked
package io.residuum.emit.torch;

import org.jspecify.annotations.NullMarked;

@NullMarked
package io.residuum.train.callback;

import org.jspecify.annotations.NullMarked;

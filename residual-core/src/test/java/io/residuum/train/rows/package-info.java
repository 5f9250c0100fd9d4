@NullMarked
package io.residuum.train.rows;

import org.jspecify.annotations.NullMarked;

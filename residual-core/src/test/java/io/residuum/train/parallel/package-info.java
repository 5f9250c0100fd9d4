@NullMarked
package io.residuum.train.parallel;

import org.jspecify.annotations.NullMarked;

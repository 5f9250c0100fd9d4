@NullMarked
package io.residuum.train.study;

import org.jspecify.annotations.NullMarked;

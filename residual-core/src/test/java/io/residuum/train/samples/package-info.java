@NullMarked
package io.residuum.train.samples;

import org.jspecify.annotations.NullMarked;

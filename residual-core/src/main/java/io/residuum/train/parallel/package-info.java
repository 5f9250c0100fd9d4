/** Training by several processes: data parallelism, local SGD. */
@NullMarked
package io.residuum.train.parallel;

import org.jspecify.annotations.NullMarked;

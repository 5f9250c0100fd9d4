/** Plans of training: models that are fitted to data. */
@NullMarked
package io.residuum.train.plan;

import org.jspecify.annotations.NullMarked;

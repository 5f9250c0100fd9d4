/** Batch scoring and data-parallel training on Apache Spark. */
@NullMarked
package io.residuum.spark;

import org.jspecify.annotations.NullMarked;

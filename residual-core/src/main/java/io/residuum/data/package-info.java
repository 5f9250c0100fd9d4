/**
 * What data of every kind shares: paths, random streams, and background threads that prepare
 * batches before training needs them. Plain Java: no engine is touched here, so that data may be
 * opened before one is chosen.
 */
@NullMarked
package io.residuum.data;

import org.jspecify.annotations.NullMarked;

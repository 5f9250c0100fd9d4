/**
 * The common parts of all data sources: paths, random streams, and background threads that prepare
 * batches before training needs them. Nothing here touches an engine, so data may be opened before
 * an engine is chosen.
 */
@NullMarked
package io.residuum.data;

import org.jspecify.annotations.NullMarked;

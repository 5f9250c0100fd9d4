/**
 * Tables as data: CSV, tab-separated and JSON lines. A header in JSON says what each column holds,
 * which input of the network reads it and which output learns it.
 */
@NullMarked
package io.residuum.train.rows;

import org.jspecify.annotations.NullMarked;

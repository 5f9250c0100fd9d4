/**
 * Reads and writes JSON strictly: trees, paths for error messages, nearest names for misspelled
 * keys.
 */
@NullMarked
package io.residuum.json;

import org.jspecify.annotations.NullMarked;

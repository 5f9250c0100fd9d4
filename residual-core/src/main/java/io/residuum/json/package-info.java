/**
 * Reads and writes JSON: values as trees, a strict reader, paths for error messages and the nearest
 * names for misspelled keys.
 */
@NullMarked
package io.residuum.json;

import org.jspecify.annotations.NullMarked;

/**
 * Weights under other libraries' names: tables of rules, as data, between our parameters and
 * theirs, and what comes of applying one to a network and a file. Knows nothing of families of
 * networks; their modules bring the tables.
 */
@NullMarked
package io.residuum.weights.dialect;

import org.jspecify.annotations.NullMarked;

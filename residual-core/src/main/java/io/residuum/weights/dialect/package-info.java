/**
 * Reads and writes weights under the names of other libraries. A dialect is a table of rules
 * between a network's parameters and another library's tensors. The tables of a family of networks
 * are in that family's module.
 */
@NullMarked
package io.residuum.weights.dialect;

import org.jspecify.annotations.NullMarked;

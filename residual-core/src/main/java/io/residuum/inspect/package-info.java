/**
 * Analyses of a network: what its residual units compute, and what their shortcuts do. Each
 * analysis is a record that runs on a {@link io.residuum.inspect.Subject} and returns tables and
 * pictures.
 */
@NullMarked
package io.residuum.inspect;

import org.jspecify.annotations.NullMarked;

/**
 * Choosing and tuning an engine and a device, and the few operations that the engines do
 * differently.
 */
@NullMarked
package io.residuum.engine;

import org.jspecify.annotations.NullMarked;

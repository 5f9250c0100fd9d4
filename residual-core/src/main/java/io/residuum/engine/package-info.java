/** Choice and tuning of an engine and a device, and the operations that differ between engines. */
@NullMarked
package io.residuum.engine;

import org.jspecify.annotations.NullMarked;

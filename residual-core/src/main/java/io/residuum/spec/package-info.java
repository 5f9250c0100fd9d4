/** Records that describe layers and networks and build them. */
@NullMarked
package io.residuum.spec;

import org.jspecify.annotations.NullMarked;

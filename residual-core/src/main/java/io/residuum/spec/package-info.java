/** The language of specs: annotations, checks, and the records that contain layers. */
@NullMarked
package io.residuum.spec;

import org.jspecify.annotations.NullMarked;

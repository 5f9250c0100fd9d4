/** Networks of patches that mix positions by linear maps instead of attention. */
@NullMarked
package io.residuum.transformer.mixer;

import org.jspecify.annotations.NullMarked;

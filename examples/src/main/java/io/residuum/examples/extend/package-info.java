/** Extension points: one small record for each, as a jar of your own would have them. */
@NullMarked
package io.residuum.examples.extend;

import org.jspecify.annotations.NullMarked;

/** Generated images of shapes with masks and boxes. */
@NullMarked
package io.residuum.vision.shapes;

import org.jspecify.annotations.NullMarked;

/** Classifies images with trained networks. */
@NullMarked
package io.residuum.vision.predict;

import org.jspecify.annotations.NullMarked;

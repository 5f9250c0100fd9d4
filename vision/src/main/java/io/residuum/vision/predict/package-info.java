/** Image classification as a user of a trained network calls it. */
@NullMarked
package io.residuum.vision.predict;

import org.jspecify.annotations.NullMarked;

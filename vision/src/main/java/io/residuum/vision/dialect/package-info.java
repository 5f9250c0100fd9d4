/** Maps the weight names of other libraries to those of our convolutional networks. */
@NullMarked
package io.residuum.vision.dialect;

import org.jspecify.annotations.NullMarked;

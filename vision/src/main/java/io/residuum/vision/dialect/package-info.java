/** The names that other libraries give the weights of convolutional networks. */
@NullMarked
package io.residuum.vision.dialect;

import org.jspecify.annotations.NullMarked;

/** FractalNet: columns of convolutions joined by means, as a family record and a preset. */
@NullMarked
package io.residuum.vision.fractalnet;

import org.jspecify.annotations.NullMarked;

/** RegNets. */
@NullMarked
package io.residuum.vision.regnet;

import org.jspecify.annotations.NullMarked;

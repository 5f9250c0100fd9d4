/** DenseNets: one family record and a table of presets with citations. */
@NullMarked
package io.residuum.vision.densenet;

import org.jspecify.annotations.NullMarked;

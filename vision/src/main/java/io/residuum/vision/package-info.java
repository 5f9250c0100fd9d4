/** Residual networks for images: data, augmentation, training and classification. */
@NullMarked
package io.residuum.vision;

import org.jspecify.annotations.NullMarked;

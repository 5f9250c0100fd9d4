/** Augmentation: random changes of images, and mixing the images of a batch. */
@NullMarked
package io.residuum.vision.augment;

import org.jspecify.annotations.NullMarked;

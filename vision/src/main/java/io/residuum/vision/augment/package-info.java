/** Random augmentation of images, and mixing of the images of a batch. */
@NullMarked
package io.residuum.vision.augment;

import org.jspecify.annotations.NullMarked;

package io.residuum.data;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A random (or, for {@link Normalize}, fixed) change of one image, a plain record that a recipe can
 * hold. The order in a list matters: geometry and {@link ColorJitter} on images in [0, 1], then
 * {@link Normalize}, then {@link Cutout}, whose zeros are the mean by then.
 */
public sealed interface Augmentation
        permits RandomCrop, HorizontalFlip, RandomResizedCrop, ColorJitter, Normalize, Cutout {
    /**
     * Changes an image in place. All randomness comes from {@code random}.
     *
     * @param image the image
     * @param wanted the shape that the network reads; the image has it already, except before a
     *     {@link RandomResizedCrop}
     * @param random decides
     */
    void apply(Image image, ImageShape wanted, RandomGenerator random);

    /**
     * Requires a list whose order makes sense and whose settings fit the images.
     *
     * @param augmentations applied first to last
     * @param shape of the images
     * @throws IllegalArgumentException if a random resized crop is not first, if something that
     *     works on [0, 1] comes after normalization, or if the channels of a normalization are not
     *     the images'
     */
    static void check(List<Augmentation> augmentations, ImageShape shape) {
        boolean normalized = false;
        for (int i = 0; i < augmentations.size(); i++) {
            Augmentation each = augmentations.get(i);
            checkArgument(
                    i == 0 || !(each instanceof RandomResizedCrop),
                    "RandomResizedCrop must come first, as it cuts from the original image, but is"
                            + " number %s: move it to the front",
                    i + 1);
            checkArgument(
                    !normalized || each instanceof HorizontalFlip || each instanceof Cutout,
                    "%s must come before Normalize, as it works on images in [0, 1]: move it up",
                    each.getClass().getSimpleName());
            if (each instanceof Normalize normalize) {
                normalized = true;
                checkArgument(
                        normalize.mean().size() == shape.channels(),
                        "Normalize must have one mean for each of the %s channels, got %s",
                        shape.channels(),
                        normalize.mean());
            }
        }
    }
}

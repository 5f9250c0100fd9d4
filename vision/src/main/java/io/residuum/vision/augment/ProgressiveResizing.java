package io.residuum.vision.augment;

import static com.google.common.base.Preconditions.checkArgument;

import io.residuum.spec.TypeName;
import io.residuum.train.Transform;
import io.residuum.vision.image.ImageShape;
import java.util.List;

/**
 * Training on images of other sizes than evaluation: the epochs are divided into equal parts, one
 * for each size. {@code [128, 176, 224]} grows, {@code [160]} stays below the 224 of the spec. The
 * parameters of the network must not depend on the size. Tan and Le, "EfficientNetV2: smaller
 * models and faster training", 2021, section 4; Touvron et al., "Fixing the train-test resolution
 * discrepancy", 2019.
 *
 * @param sizes the sizes in pixels of the images' shorter side, positive
 */
@TypeName("progressiveResizing")
public record ProgressiveResizing(List<Integer> sizes) implements Transform {
    public ProgressiveResizing {
        sizes = List.copyOf(sizes);
        checkArgument(
                !sizes.isEmpty() && sizes.stream().allMatch(size -> size > 0),
                "sizes must be one or more positive numbers, got %s",
                sizes);
    }

    /**
     * {@return the shape of the images in an epoch}
     *
     * @param epoch the epoch, counted from 1
     * @param epochs the number of epochs
     * @param whole the shape that the network reads in evaluation
     */
    public ImageShape shapeAt(long epoch, int epochs, ImageShape whole) {
        long part = Math.max(0, Math.min(epoch, epochs) - 1) * sizes.size() / epochs;
        return shape(sizes.get((int) part), whole);
    }

    /**
     * {@return the shape of images of a size}
     *
     * @param size the shorter side
     * @param whole the shape that the network reads in evaluation
     */
    public static ImageShape shape(int size, ImageShape whole) {
        double scale = (double) size / Math.min(whole.height(), whole.width());
        return new ImageShape(
                whole.channels(),
                (int) Math.round(whole.height() * scale),
                (int) Math.round(whole.width() * scale));
    }
}

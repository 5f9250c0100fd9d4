package io.residuum.vision.detect;

import ai.djl.ndarray.types.Shape;
import io.residuum.spec.InputSpec;
import io.residuum.train.TrainingException;
import io.residuum.train.Transform;
import io.residuum.train.samples.Sample;
import io.residuum.train.samples.Samples;
import io.residuum.train.samples.Tensor;
import io.residuum.vision.augment.HorizontalFlip;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Images with the classes and boxes of a network's anchors.
 *
 * @param set the images
 * @param layout the network
 * @param flip the change in training, null for none
 */
record DetectionSamples(DetectionSet set, DetectorLayout layout, @Nullable HorizontalFlip flip)
        implements Samples {
    DetectionSamples {
        if (set.classNames().size() > layout.classes()) {
            throw new TrainingException(
                    "the network must have a class for each of the %d classes of the data, got %d"
                            .formatted(set.classNames().size(), layout.classes()));
        }
    }

    @Override
    public int size() {
        return set.size();
    }

    @Override
    public Sample get(int index) {
        return read(index, false).sample();
    }

    @Override
    public Sample augmented(int index, RandomGenerator random) {
        return read(index, flip != null && random.nextDouble() < flip.probability()).sample();
    }

    /** An image with its size in the input. */
    record Read(Sample sample, DetectorLayout.Fitted fitted) {}

    /** Reads an image and matches its objects. */
    Read read(int index, boolean mirrored) {
        Image image = new Image();
        set.readImage(index, image);
        int width = image.shape().width();
        if (mirrored) {
            new HorizontalFlip(1).apply(image, image.shape(), new SplittableRandom(0));
        }
        DetectorLayout.Fitted fitted = layout.fit(image);
        List<LabelledBox> objects =
                set.objects(index).stream().map(o -> fitted(o, mirrored, width, fitted)).toList();
        AnchorMatcher matched = new AnchorMatcher(layout.anchors(), objects, layout.classes());
        ImageShape shape = layout.input();
        Sample sample =
                new Sample(
                        Map.of(
                                InputSpec.NAME,
                                new Tensor.Numbers(
                                        Arrays.copyOf(image.values(), shape.length()),
                                        new Shape(
                                                shape.channels(), shape.height(), shape.width()))),
                        Map.of(
                                RetinaHead.CLASSES,
                                new Tensor.Integers(
                                        Arrays.stream(matched.labels()).asLongStream().toArray(),
                                        new Shape(matched.labels().length)),
                                RetinaHead.BOXES,
                                new Tensor.Numbers(
                                        matched.boxes(), new Shape(matched.labels().length, 4))));
        return new Read(sample, fitted);
    }

    private static LabelledBox fitted(
            LabelledBox object, boolean mirrored, int width, DetectorLayout.Fitted fitted) {
        BoundingBox box = mirrored ? object.box().mirrored(width) : object.box();
        BoundingBox inside =
                box.scaled(fitted.scaleX(), fitted.scaleY())
                        .clipped(fitted.width(), fitted.height());
        return BoxFiles.object(object.label(), inside, object.kind());
    }

    /** {@return a view that can still be evaluated} */
    @Override
    public DetectionSamples subset(int... indices) {
        return new DetectionSamples(set.subset(indices), layout, flip);
    }

    @Override
    public Samples augmentedBy(List<? extends Transform> transforms) {
        if (transforms.isEmpty()) {
            return this;
        }
        if (transforms.size() == 1 && transforms.get(0) instanceof HorizontalFlip only) {
            return new DetectionSamples(set, layout, only);
        }
        throw new TrainingException(
                "augmentation of images with boxes must be horizontalFlip, got %s; remove the others from the recipe"
                        .formatted(transforms));
    }
}

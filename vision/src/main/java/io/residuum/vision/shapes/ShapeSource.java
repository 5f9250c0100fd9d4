package io.residuum.vision.shapes;

import io.residuum.data.DataException;
import io.residuum.data.GeneratedSizes;
import io.residuum.model.ModelMetadata;
import io.residuum.spec.ModelSpec;
import io.residuum.train.Task;
import io.residuum.train.samples.SampleSplits;
import io.residuum.train.samples.SampleTask;
import io.residuum.train.samples.Samples;
import io.residuum.vision.detect.DetectionSource;
import io.residuum.vision.detect.DetectionTask;
import io.residuum.vision.detect.ObjectDetector;
import io.residuum.vision.image.ImageShape;
import io.residuum.vision.train.ImageInputs;
import io.residuum.vision.train.ImageMapping;
import io.residuum.vision.train.ImagePairs;
import io.residuum.vision.train.PixelOutput;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Generated images of disks, rectangles and triangles, with masks for networks that segment and
 * boxes for those that detect. In the syntax of {@code --data}:
 *
 * <pre>
 * shapes                            the default sizes
 * shapes:train=4000,test=500,seed=1
 * </pre>
 *
 * @param sizes the sizes of the parts, and the seed
 */
public record ShapeSource(GeneratedSizes sizes) {
    private static final GeneratedSizes SIZES = new GeneratedSizes(4_000, 500, 1);

    /** The parts never share an image. */
    private enum Part {
        TRAIN,
        TEST,
        VALIDATION
    }

    /**
     * Parses the text after {@code shapes}.
     *
     * @param settings {@code train=N,test=N,seed=N}, all optional; empty for the defaults
     * @throws DataException if the text has another form
     */
    public static ShapeSource parse(String settings) {
        return new ShapeSource(settings.isEmpty() ? SIZES : SIZES.with("shapes:", settings));
    }

    /**
     * {@return the number of classes of the data: the shapes, and for segmentation the background}
     *
     * @param spec the network
     */
    public int classes(ModelSpec spec) {
        int shapes = ShapeScene.NAMES.size();
        return ObjectDetector.isDetector(spec) ? shapes : shapes + 1;
    }

    /**
     * {@return a network with the classes of the data: the same, or with a new head}
     *
     * @param spec the network
     */
    public ModelSpec fitted(ModelSpec spec) {
        if (ObjectDetector.isDetector(spec)) {
            return ObjectDetector.withClasses(spec, classes(spec));
        }
        boolean fits = ImageMapping.of(spec).channels() == classes(spec);
        return fits ? spec : spec.withClasses(classes(spec));
    }

    /**
     * {@return the task of a network: detection if it is a detector, else segmentation}
     *
     * @param spec the network
     * @param share the number of validation images as a share of the training images, in [0, 1)
     */
    public Task task(ModelSpec spec, double share) {
        ImageShape shape = shape(spec);
        int validation = sizes.validation(share);
        ShapeSet train = set(Part.TRAIN, sizes.train(), shape);
        Optional<ShapeSet> validating =
                validation == 0
                        ? Optional.empty()
                        : Optional.of(set(Part.VALIDATION, validation, shape));
        ShapeSet test = set(Part.TEST, sizes.test(), shape);
        if (ObjectDetector.isDetector(spec)) {
            return DetectionTask.of(
                    toString(),
                    spec,
                    new DetectionSource.Splits(
                            train, validating.map(set -> set), Optional.of(test)),
                    0);
        }
        return segmentation(
                new SampleSplits(
                        toString(),
                        pairs(spec, train),
                        validating.map(set -> pairs(spec, set)),
                        Optional.of(pairs(spec, test)),
                        OptionalDouble.of(share)));
    }

    /**
     * {@return the task of evaluating a network on the test images}
     *
     * @param spec the network
     */
    public Task toEvaluate(ModelSpec spec) {
        ShapeSet test = set(Part.TEST, sizes.test(), shape(spec));
        return ObjectDetector.isDetector(spec)
                ? DetectionTask.toEvaluate(toString(), spec, test)
                : segmentation(SampleSplits.toEvaluate(toString(), pairs(spec, test)));
    }

    private static ImageShape shape(ModelSpec spec) {
        ImageShape input = ImageInputs.shape(spec);
        return new ImageShape(3, input.height(), input.width());
    }

    private ShapeSet set(Part part, int size, ImageShape shape) {
        return new ShapeSet(size, sizes.seed(), part.ordinal(), shape);
    }

    private static Samples pairs(ModelSpec spec, ShapeSet set) {
        return new ImagePairs(spec, set);
    }

    private static SampleTask segmentation(SampleSplits data) {
        return new SampleTask(
                data, Map.of(), Map.of(), Map.of(), PixelOutput.CLASSES.in(ModelMetadata.EMPTY));
    }

    /** {@return the data in a few words, for people} */
    @Override
    public String toString() {
        return "shapes (seed %d)".formatted(sizes.seed());
    }
}

package io.residuum.vision.train;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import com.google.common.collect.Maps;
import io.residuum.spec.InputSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.train.TrainingException;
import io.residuum.vision.augment.ProgressiveResizing;
import io.residuum.vision.image.ImageShape;
import io.residuum.vision.image.Normalize;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads the shape and the normalization of images from the spec of a network. */
public final class ImageInputs {
    private ImageInputs() {}

    /**
     * {@return the shape of the images that a network reads}
     *
     * @param spec the network
     * @throws TrainingException if it does not read images
     */
    public static ImageShape shape(ModelSpec spec) {
        return shape(input(spec));
    }

    /** {@return the shape of the images of an input} */
    public static ImageShape shape(InputSpec.Image input) {
        List<Integer> shape = input.shape();
        return new ImageShape(shape.get(0), shape.get(1), shape.get(2));
    }

    /**
     * {@return the normalization of the images that a network reads, empty if it reads values in
     * [0, 1]}
     *
     * @param spec the network
     * @throws TrainingException if it does not read images
     */
    public static Optional<Normalize> normalization(ModelSpec spec) {
        return normalization(input(spec));
    }

    /** {@return the normalization of an input, empty if it reads values in [0, 1]} */
    public static Optional<Normalize> normalization(InputSpec.Image input) {
        if (input.mean().isEmpty() && input.std().isEmpty()) {
            return Optional.empty();
        }
        int channels = input.shape().get(0);
        return Optional.of(
                new Normalize(
                        input.mean().isEmpty() ? Collections.nCopies(channels, 0.0) : input.mean(),
                        input.std().isEmpty() ? Collections.nCopies(channels, 1.0) : input.std()));
    }

    /**
     * {@return a spec with this normalization, or the spec itself if it has a mean or standard
     * deviation}
     *
     * <p>The spec is saved with the network, so later users normalize their images in the same way.
     *
     * @param spec a network that reads images
     * @param measured the normalization of the training images
     * @throws TrainingException if it does not read images
     */
    public static ModelSpec normalizedBy(ModelSpec spec, Normalize measured) {
        if (normalization(spec).isPresent()) {
            return spec;
        }
        InputSpec.Image given = input(spec);
        InputSpec input =
                new InputSpec.Image(given.shape(), measured.mean(), measured.std(), given.resize());
        return spec.withInput(input);
    }

    /**
     * Requires that the parameters of a network do not depend on the size of its images.
     *
     * @param spec the network
     * @param resizing the sizes of training
     * @throws TrainingException if a parameter has another shape at one of the sizes
     */
    static void requireResizable(ModelSpec spec, ProgressiveResizing resizing) {
        InputSpec.Image input = input(spec);
        for (int size : resizing.sizes()) {
            ImageShape shape = ProgressiveResizing.shape(size, shape(input));
            List<Integer> dims = List.of(shape.channels(), shape.height(), shape.width());
            InputSpec other = new InputSpec.Image(dims, input.mean(), input.std());
            if (!parameters(spec.withInput(other)).equals(parameters(spec))) {
                throw new TrainingException(
                        "progressiveResizing needs a network whose parameters do not depend on the size of images, but %s has others at %s: remove it from augmentation"
                                .formatted(spec.name(), shape));
            }
        }
    }

    private static Map<String, Shape> parameters(ModelSpec spec) {
        return Maps.transformValues(spec.newBlock().namedParameters(), Parameter::getShape);
    }

    /**
     * {@return the images that a network reads}
     *
     * @param spec the network
     * @throws TrainingException if it does not read images
     */
    public static InputSpec.Image input(ModelSpec spec) {
        if (spec.input() instanceof InputSpec.Image image) {
            return image;
        }
        throw new TrainingException(
                "the network must read images, but the input of "
                        + spec.name()
                        + " is "
                        + spec.input().batchShape());
    }
}

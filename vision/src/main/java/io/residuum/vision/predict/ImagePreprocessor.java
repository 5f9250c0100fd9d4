package io.residuum.vision.predict;

import ai.djl.ndarray.types.Shape;
import io.residuum.spec.InputSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import io.residuum.vision.image.Normalize;
import io.residuum.vision.image.Pictures;
import io.residuum.vision.train.ImageInputs;
import java.util.List;
import java.util.Optional;

/**
 * Converts images to the input of a network, as in its evaluation: converts to gray or RGB,
 * resizes, crops the centre, and normalizes, all by the input of the spec.
 */
public final class ImagePreprocessor {
    private final InputSpec.Image input;
    private final ImageShape shape;
    private final Optional<Normalize> normalize;

    /**
     * Creates a preprocessor for a network.
     *
     * @param spec the network
     * @throws io.residuum.train.TrainingException if it does not read images
     */
    public ImagePreprocessor(ModelSpec spec) {
        this.input = ImageInputs.input(spec);
        this.shape = ImageInputs.shape(input);
        this.normalize = ImageInputs.normalization(input);
    }

    /**
     * Reads images.
     *
     * @param images images of any size
     * @return {@code (N, C, H, W)} in row-major order
     * @throws io.residuum.data.DataException if one cannot be read
     */
    public float[] read(List<ImageInput> images) {
        float[] pixels = new float[Math.multiplyExact(images.size(), shape.length())];
        Image image = new Image();
        for (int i = 0; i < images.size(); i++) {
            images.get(i).read(image);
            Pictures.fit(image, input);
            normalize.ifPresent(n -> n.apply(image));
            System.arraycopy(image.values(), 0, pixels, i * shape.length(), shape.length());
        }
        return pixels;
    }

    /**
     * {@return the shape {@code (N, C, H, W)} of the result of {@link #read}}
     *
     * @param images the number of images
     */
    public Shape batchShape(int images) {
        return new Shape(images, shape.channels(), shape.height(), shape.width());
    }
}

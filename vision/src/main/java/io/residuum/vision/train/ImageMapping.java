package io.residuum.vision.train;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.spec.InputSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.train.TrainingException;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import io.residuum.vision.image.Normalize;
import java.util.List;
import java.util.Optional;

/**
 * The shapes of an image-to-image network, which reads images and has one output {@code (N, C, H,
 * W)}, or several such outputs of one shape. The first is the result, and others are auxiliary
 * heads, which learn the same.
 *
 * @param input the shape of the images that it reads
 * @param normalize the normalization of these images; empty for values in [0, 1]
 * @param outputs the names of the outputs
 * @param channels the channels C of the output
 * @param height the height of the output
 * @param width the width of the output
 */
public record ImageMapping(
        ImageShape input,
        Optional<Normalize> normalize,
        List<String> outputs,
        int channels,
        int height,
        int width) {

    /**
     * {@return true if a network maps images to images}
     *
     * @param spec the network
     */
    public static boolean isIn(ModelSpec spec) {
        return maps(spec, spec.newBlock());
    }

    /**
     * Reads the shapes of a network.
     *
     * @param spec the network
     * @throws TrainingException if it does not map images of 1 or 3 channels to images
     */
    public static ImageMapping of(ModelSpec spec) {
        Layer block = spec.newBlock();
        if (!maps(spec, block) || !(spec.input() instanceof InputSpec.Image image)) {
            throw new TrainingException(
                    "an image-to-image network must have one input of images and one output (N, C, H, W), or several of one shape, got %s -> %s"
                            .formatted(spec.input().batchShape(), block.outputShapes()));
        }
        requireColors("input", image.shape().get(0));
        Shape computed = block.outputShapes().get(0);
        return new ImageMapping(
                ImageInputs.shape(image),
                ImageInputs.normalization(image),
                List.copyOf(block.outputNames()),
                Math.toIntExact(computed.get(1)),
                Math.toIntExact(computed.get(2)),
                Math.toIntExact(computed.get(3)));
    }

    private static boolean maps(ModelSpec spec, Layer block) {
        List<Shape> outputs = block.outputShapes();
        Shape first = outputs.get(0);
        return spec.input() instanceof InputSpec.Image
                && outputs.stream().allMatch(first::equals)
                && first.dimension() == 4
                && first.get(2) > 0
                && first.get(3) > 0;
    }

    /**
     * {@return the shape of the output as a picture}
     *
     * @throws TrainingException if it has neither 1 nor 3 channels
     */
    public ImageShape picture() {
        requireColors("output", channels);
        return new ImageShape(channels, height, width);
    }

    private static void requireColors(String what, int channels) {
        if (channels != 1 && channels != 3) {
            throw new TrainingException(
                    "pictures have 1 or 3 channels, but the %s of the network has %d: use arrays in safetensors files instead"
                            .formatted(what, channels));
        }
    }

    /**
     * Fits an image to the input: converts it to gray or RGB and resizes it. The whole image stays
     * in view, so that pixels of the output belong to places of the image.
     *
     * @param image the image, in any size
     */
    public void fit(Image image) {
        image.convertTo(input.channels());
        image.resize(input.height(), input.width());
    }
}

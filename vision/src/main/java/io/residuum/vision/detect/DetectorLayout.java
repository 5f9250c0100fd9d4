package io.residuum.vision.detect;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.spec.Build;
import io.residuum.spec.InputSpec;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.graph.LayerGraph;
import io.residuum.train.TrainingException;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import io.residuum.vision.image.Normalize;
import io.residuum.vision.train.ImageInputs;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The input and outputs of a detection network: images of one size, and the classes and boxes of
 * anchors.
 *
 * @param input the shape of the images
 * @param normalize the normalization of the images; empty for values in [0, 1]
 * @param classes the number of classes
 * @param anchors the anchors of an image
 */
record DetectorLayout(
        ImageShape input, Optional<Normalize> normalize, int classes, Anchors anchors) {

    /** The size of an image after it was fitted to the network, without the padding. */
    record Fitted(int height, int width, double scaleX, double scaleY) {}

    /** Returns true if a network has a {@link RetinaHead}. */
    static boolean isIn(ModelSpec spec) {
        return spec.input() instanceof InputSpec.Image && head(spec) >= 0;
    }

    /** Returns the index of the head among the layers of a network, or -1. */
    private static int head(ModelSpec spec) {
        List<LayerSpec> layers = layers(spec);
        for (int i = 0; i < layers.size(); i++) {
            if (layers.get(i) instanceof RetinaHead) {
                return i;
            }
        }
        return -1;
    }

    private static List<LayerSpec> layers(ModelSpec spec) {
        return spec.network().expanded() instanceof LayerGraph graph
                ? graph.layers().stream().map(node -> node.layer()).toList()
                : List.of();
    }

    /**
     * Reads the layout of a network.
     *
     * @throws TrainingException if it is no detection network
     */
    static DetectorLayout of(ModelSpec spec) {
        int at = head(spec);
        if (at < 0 || !(spec.input() instanceof InputSpec.Image image)) {
            throw new TrainingException(
                    "a detection network must read images and have a retinaHead among the layers of its graph, but %s has none"
                            .formatted(spec.name()));
        }
        LayerSpec layer = layers(spec).get(at);
        RetinaHead head = (RetinaHead) layer;
        Layer block = spec.newBlock();
        ImageShape input = ImageInputs.shape(image);
        Layer built = Objects.requireNonNull(block.children().get(Build.nameOf(layer, at)));
        Anchors anchors =
                new Anchors(head.anchors(), built.inputShapes(), input.height(), input.width());
        List<Shape> wanted =
                List.of(
                        new Shape(-1, anchors.size(), head.classes()),
                        new Shape(-1, anchors.size(), 4));
        if (!block.outputNames().equals(List.of(RetinaHead.CLASSES, RetinaHead.BOXES))
                || !block.outputShapes().equals(wanted)) {
            throw new TrainingException(
                    "a detection network must have the outputs classes and boxes of its retinaHead, got %s %s"
                            .formatted(block.outputNames(), block.outputShapes()));
        }
        return new DetectorLayout(input, ImageInputs.normalization(image), head.classes(), anchors);
    }

    /**
     * Resizes an image to fit into the input without distortion, normalizes it, and fills up the
     * rest with zeros, as torchvision.
     */
    Fitted fit(Image image) {
        image.convertTo(input.channels());
        int height = image.shape().height();
        int width = image.shape().width();
        double scale = Math.min((double) input.height() / height, (double) input.width() / width);
        int rows = Math.max(1, Math.min(input.height(), (int) Math.round(height * scale)));
        int columns = Math.max(1, Math.min(input.width(), (int) Math.round(width * scale)));
        image.resize(rows, columns);
        normalize.ifPresent(n -> n.apply(image));
        image.crop(0, 0, input.height(), input.width());
        return new Fitted(rows, columns, (double) columns / width, (double) rows / height);
    }
}

package io.residuum.examples;

import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Backend;
import io.residuum.model.FeatureExtractor;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.vision.data.DataSource;
import io.residuum.vision.data.ImageSet;
import io.residuum.vision.predict.ImageInput;
import io.residuum.vision.predict.ImagePreprocessor;
import io.residuum.vision.train.ImageInputs;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Prints statistics of intermediate features, for an untrained ResNet and for the same network
 * without shortcuts. With shortcuts the signal grows from stage to stage, as each unit adds to it.
 */
public final class InspectFeatures {
    private static final String[] LAYERS = {"stem", "stage1", "stage2", "stage3"};
    private static final int IMAGES = 16;

    private InspectFeatures() {}

    /**
     * Statistics of a layer's output for some images.
     *
     * @param name the layer's name
     * @param shape the shape of the output, batch included
     * @param mean the mean of all values
     * @param deviation the standard deviation of all values
     * @param zeros the share of values that are 0, in [0, 1]
     */
    record Feature(String name, Shape shape, double mean, double deviation, double zeros) {
        static Feature of(String name, FeatureExtractor.Feature output) {
            float[] values = output.values();
            double sum = 0;
            double squares = 0;
            int zeros = 0;
            for (float v : values) {
                sum += v;
                squares += (double) v * v;
                zeros += v == 0 ? 1 : 0;
            }
            double mean = sum / values.length;
            double deviation = Math.sqrt(squares / values.length - mean * mean);
            return new Feature(
                    name, output.shape(), mean, deviation, (double) zeros / values.length);
        }
    }

    /**
     * Prints the features of two networks.
     *
     * @param args none
     */
    public static void main(String[] args) {
        try (Backend backend = Backend.open()) {
            for (String preset : List.of("resnet56", "plain56")) {
                print(preset, features(backend, preset), System.out);
            }
        }
    }

    static void print(String preset, List<Feature> features, PrintStream out) {
        out.println(preset);
        for (Feature f : features) {
            out.printf(
                    "  %-7s %-18s mean %6.3f  deviation %6.3f  zeros %4.1f%%%n",
                    f.name(), f.shape(), f.mean(), f.deviation(), 100 * f.zeros());
        }
    }

    static List<Feature> features(Backend backend, String preset) {
        ModelSpec spec = ModelSource.of(preset).spec();
        ImagePreprocessor images = new ImagePreprocessor(spec);
        ImageSet digits = DataSource.parse("digits").forEvaluation(ImageInputs.shape(spec));
        float[] pixels =
                images.read(
                        IntStream.range(0, IMAGES)
                                .<ImageInput>mapToObj(i -> into -> digits.read(i, into))
                                .toList());
        try (Network network = Network.create(spec, backend, 0);
                FeatureExtractor extractor = FeatureExtractor.of(network, LAYERS)) {
            List<Feature> features = new ArrayList<>();
            extractor
                    .extract(pixels, images.batchShape(IMAGES))
                    .forEach((name, output) -> features.add(Feature.of(name, output)));
            return features;
        }
    }
}

package io.residuum.examples;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Backend;
import io.residuum.engine.Values;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Preset;
import io.residuum.vision.data.DataSource;
import io.residuum.vision.data.ImageSet;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import io.residuum.vision.image.Normalize;
import io.residuum.vision.resnet.ResNetPresets;
import io.residuum.vision.train.ImageInputs;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Looks at what a network computes on the way: its features by name, here of an untrained ResNet
 * beside its twin without shortcuts. With shortcuts the signal grows from stage to stage, as each
 * unit adds to it.
 */
public final class InspectFeatures {
    private static final List<String> NAMES = List.of("stem", "stage1", "stage2", "stage3");
    private static final int IMAGES = 16;

    private InspectFeatures() {}

    /**
     * A layer's output over some images.
     *
     * @param name the layer
     * @param shape of the output, batch included
     * @param mean of all values
     * @param deviation of all values
     * @param zeros the share of values that are 0, in [0, 1]
     */
    record Feature(String name, Shape shape, double mean, double deviation, double zeros) {
        static Feature of(String name, NDArray output) {
            float[] values = output.toFloatArray();
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
                    name, output.getShape(), mean, deviation, (double) zeros / values.length);
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
        ModelSpec spec =
                new ResNetPresets()
                        .presets().stream()
                                .filter(p -> p.name().equals(preset))
                                .map(Preset::spec)
                                .findFirst()
                                .orElseThrow();
        try (Network network = Network.create(spec, backend, 0);
                NDManager manager = backend.newManager()) {
            NDList input = new NDList(digits(spec, manager));
            List<Feature> features = new ArrayList<>();
            network.features(input, NAMES)
                    .forEach((name, output) -> features.add(Feature.of(name, output)));
            return features;
        }
    }

    private static NDArray digits(ModelSpec spec, NDManager manager) {
        ImageShape shape = ImageInputs.shape(spec);
        Normalize normalize = ImageInputs.normalization(spec).orElseThrow();
        ImageSet set = DataSource.parse("digits").forEvaluation(shape);
        float[] pixels = new float[IMAGES * shape.length()];
        Image image = new Image();
        for (int i = 0; i < IMAGES; i++) {
            set.read(i, image);
            normalize.apply(image);
            System.arraycopy(image.values(), 0, pixels, i * shape.length(), shape.length());
        }
        return Values.create(
                manager,
                pixels,
                new Shape(IMAGES, shape.channels(), shape.height(), shape.width()),
                DataType.FLOAT32);
    }
}

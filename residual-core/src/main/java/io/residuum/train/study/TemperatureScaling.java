package io.residuum.train.study;

import ai.djl.nn.Parameter;
import io.residuum.model.Network;
import io.residuum.nn.Chain;
import io.residuum.nn.Layer;
import io.residuum.nn.LinearBlock;
import io.residuum.spec.Check;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Divides the logits of a network by a temperature, in the weights of its last layer. So every use
 * of the network has calibrated probabilities: predictions, programs and exported files.
 */
public final class TemperatureScaling {
    /** The metadata key of the product of all temperatures that were applied. */
    public static final String TEMPERATURE = "residuum.temperature";

    private TemperatureScaling() {}

    /**
     * Divides weight and bias of the last layer, and records the temperature in the metadata.
     *
     * @param network a classifier that ends in a linear layer
     * @param temperature the divisor, positive
     * @throws io.residuum.spec.SpecException if it ends in another layer
     */
    public static void apply(Network network, double temperature) {
        network.requireOneHead("calibration");
        Check.positive("temperature", temperature);
        Layer last = Chain.last(network.block());
        Check.that(
                last instanceof LinearBlock,
                "calibration needs a network that ends in a linear layer, whose weights it divides,"
                        + " got %s",
                last.describe());
        Collection<Parameter> divided = last.ownParameters().values();
        Map<String, Supplier<float[]>> scaled = new LinkedHashMap<>();
        network.state()
                .forEach(
                        (path, p) -> {
                            if (divided.contains(p)) {
                                float[] values = dividedBy(temperature, p);
                                scaled.put(path, () -> values);
                            }
                        });
        network.loadValues(scaled);
        double before = network.metadata().entry(TEMPERATURE).map(Double::parseDouble).orElse(1.0);
        network.setMetadata(
                network.metadata().with(TEMPERATURE, Double.toString(before * temperature)));
    }

    private static float[] dividedBy(double temperature, Parameter p) {
        float[] values = p.getArray().toFloatArray();
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (values[i] / temperature);
        }
        return values;
    }
}

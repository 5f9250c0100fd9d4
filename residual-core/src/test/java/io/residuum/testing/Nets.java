package io.residuum.testing;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import io.residuum.engine.Backend;
import io.residuum.model.Network;
import io.residuum.spec.InputSpec;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.ModelSpec;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Small networks under test. */
public final class Nets {
    private Nets() {}

    /**
     * A network of one layer.
     *
     * @param layer the layer
     * @param sample the shape of one sample
     * @return its spec
     */
    public static ModelSpec spec(LayerSpec layer, Integer... sample) {
        return new ModelSpec("test", new InputSpec.Features(Arrays.asList(sample)), layer);
    }

    /**
     * Builds a network whose every parameter and buffer is drawn, so that no zero or one hides a
     * mistake.
     *
     * @param spec the network
     * @param backend where it runs
     * @param type float32 or float64
     * @return a network, to be closed by the caller
     */
    public static Network shaken(ModelSpec spec, Backend backend, DataType type) {
        Network network = Network.create(spec, backend, Seeds.SEED, type);
        network.state()
                .forEach(
                        (path, p) -> {
                            double[] noise =
                                    Tensors.draw(Seeds.SEED + path.hashCode(), p.getShape().size());
                            double[] values = Tensors.values(p.getArray());
                            for (int i = 0; i < values.length; i++) {
                                values[i] =
                                        p.getType() == Parameter.Type.RUNNING_VAR
                                                ? 1 + 0.4 * noise[i]
                                                : values[i] + 0.2 * noise[i];
                            }
                            Tensors.set(p.getArray(), values);
                        });
        return network;
    }

    /**
     * Copies the values of parameters.
     *
     * @param parameters by path
     * @return their values by path
     */
    public static Map<String, double[]> values(Map<String, Parameter> parameters) {
        Map<String, double[]> values = new LinkedHashMap<>();
        parameters.forEach((path, p) -> values.put(path, Tensors.values(p.getArray())));
        return values;
    }

    /**
     * The gradients of {@code sum(output * weights)} with respect to all that is trained. Gradients
     * left over from before are set to 0 first, since an engine may keep those of parameters that a
     * pass does not use.
     *
     * @param network the network
     * @param x its input
     * @param training whether it trains
     * @param weights one for each element of the output
     * @return by path; the input's under an empty path
     */
    public static Map<String, double[]> gradients(
            Network network, NDArray x, boolean training, NDArray weights) {
        return gradients(network, x, training, weights, () -> {});
    }

    /**
     * The gradients of {@code sum(output * weights)}, with something happening before they are
     * computed.
     *
     * @param network the network
     * @param x its input
     * @param training whether it trains
     * @param weights one for each element of the output
     * @param between runs between the forward and the backward pass
     * @return by path; the input's under an empty path
     */
    public static Map<String, double[]> gradients(
            Network network, NDArray x, boolean training, NDArray weights, Runnable between) {
        Backend backend = network.backend();
        network.parameters().values().forEach(p -> zeroGradient(p.getArray()));
        x.setRequiresGradient(true);
        zeroGradient(x);
        try (NDManager manager = backend.newManager();
                GradientCollector collector = backend.newGradientCollector()) {
            NDArray y = network.forward(new NDList(x), training);
            NDArray loss = y.mul(weights).sum();
            loss.attach(manager);
            between.run();
            collector.backward(loss);
        }
        Map<String, double[]> gradients = new LinkedHashMap<>();
        gradients.put("", gradient(x));
        network.parameters().forEach((path, p) -> gradients.put(path, gradient(p.getArray())));
        x.setRequiresGradient(false);
        return gradients;
    }

    static void zeroGradient(NDArray array) {
        if (array.hasGradient()) {
            try (NDArray gradient = array.getGradient()) {
                gradient.muli(0);
            }
        }
    }

    static double[] gradient(NDArray array) {
        if (!array.hasGradient()) {
            return new double[Math.toIntExact(array.size())];
        }
        try (NDArray gradient = array.getGradient()) {
            return Tensors.values(gradient);
        }
    }
}

package io.residuum.transformer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import io.residuum.model.Network;
import io.residuum.testing.Tensors;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Gradients of networks that read more than one input. */
public final class Gradients {
    private Gradients() {}

    /**
     * The gradients of {@code sum(output * weights)}, dropout and drop-path being off.
     *
     * @param network a network whose gradients are still zero
     * @param inputs the input and the side inputs
     * @param weights one for each element of the output
     * @return by path
     */
    public static Map<String, double[]> of(Network network, NDList inputs, NDArray weights) {
        return of(network, inputs, weights, () -> {});
    }

    /**
     * The gradients of {@code sum(output * weights)}, with something happening before they are
     * computed.
     *
     * @param network a network whose gradients are still zero, or that is on MXNet
     * @param inputs the input and the side inputs
     * @param weights one for each element of the output
     * @param between runs between the forward and the backward pass
     * @return by path
     */
    public static Map<String, double[]> of(
            Network network, NDList inputs, NDArray weights, Runnable between) {
        try (NDManager manager = network.backend().newManager();
                GradientCollector collector = network.backend().newGradientCollector()) {
            NDArray loss = network.forward(inputs, true).mul(weights).sum();
            loss.attach(manager);
            between.run();
            collector.backward(loss);
        }
        return of(network);
    }

    /** The present gradients of all parameters, by path. */
    static Map<String, double[]> of(Network network) {
        Map<String, double[]> gradients = new LinkedHashMap<>();
        network.parameters()
                .forEach(
                        (path, p) -> {
                            try (NDArray gradient = p.getArray().getGradient()) {
                                gradients.put(path, Tensors.values(gradient));
                            }
                        });
        return gradients;
    }

    /**
     * Where a gradient is largest.
     *
     * @param gradient of one parameter
     * @return an index
     */
    public static int steepest(double[] gradient) {
        int at = 0;
        for (int i = 1; i < gradient.length; i++) {
            at = Math.abs(gradient[i]) > Math.abs(gradient[at]) ? i : at;
        }
        return at;
    }

    /**
     * One element of the gradient by central differences.
     *
     * @param network a network in float64
     * @param inputs the input and the side inputs
     * @param weights one for each element of the output
     * @param path of the parameter
     * @param at which of its elements
     * @param h how far it is moved
     * @return the slope of {@code sum(output * weights)}
     */
    public static double slope(
            Network network, NDList inputs, NDArray weights, String path, int at, double h) {
        NDArray array = network.parameters().get(path).getArray();
        double[] values = Tensors.values(array);
        double[] moved = values.clone();
        moved[at] = values[at] + h;
        Tensors.set(array, moved);
        double up = weighed(network, inputs, weights);
        moved[at] = values[at] - h;
        Tensors.set(array, moved);
        double down = weighed(network, inputs, weights);
        Tensors.set(array, values);
        return (up - down) / (2 * h);
    }

    private static double weighed(Network network, NDList inputs, NDArray weights) {
        return Arrays.stream(Tensors.values(network.predict(inputs).mul(weights))).sum();
    }
}

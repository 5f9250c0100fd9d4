package io.residuum.transformer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import io.residuum.model.Network;
import io.residuum.testing.Tensors;
import java.util.LinkedHashMap;
import java.util.Map;

/** Gradients of networks that read more than one input. */
public final class Gradients {
    private Gradients() {}

    /**
     * The gradients of {@code sum(output * weights)}, dropout and drop-path being off.
     *
     * @param network a network whose gradients are still zero
     * @param inputs its input and what rides along
     * @param weights one for each element of the output
     * @return by path
     */
    public static Map<String, double[]> of(Network network, NDList inputs, NDArray weights) {
        try (NDManager manager = network.backend().newManager();
                GradientCollector collector = network.backend().newGradientCollector()) {
            NDArray loss = network.forward(inputs, true).mul(weights).sum();
            loss.attach(manager);
            collector.backward(loss);
        }
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
}

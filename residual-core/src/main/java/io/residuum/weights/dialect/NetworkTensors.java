package io.residuum.weights.dialect;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.nn.Layer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The parameters and layers of a network, which the plans of all dialects share.
 *
 * @param parameters the parameters by path
 * @param shapes the shapes of parameters and constants by path
 * @param layers the layers by path
 * @param owners the {@linkplain RuleTable#owners paths of layers} that may own a tensor
 */
record NetworkTensors(
        Map<String, Parameter> parameters,
        Map<String, Shape> shapes,
        Map<String, Layer> layers,
        Set<String> owners) {
    static NetworkTensors of(Layer network) {
        Map<String, Parameter> parameters = network.namedParameters();
        Map<String, Layer> layers = new LinkedHashMap<>();
        network.walk(layers::put);
        return new NetworkTensors(
                parameters,
                TensorRows.shapes(parameters, TensorRows.constants(network)),
                layers,
                RuleTable.owners(layers.keySet(), parameters.keySet()));
    }

    /** {@return the links of the parameters, as {@link RuleTable#links}} */
    Map<String, TensorLink> links(RuleTable table, Set<String> stored, Set<String> present) {
        return table.links(parameters.keySet(), shapes.keySet(), stored, present);
    }
}

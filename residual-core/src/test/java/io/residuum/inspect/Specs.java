package io.residuum.inspect;

import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;

/** Networks to analyze. */
public final class Specs {
    private Specs() {}

    /** Units of full pre-activation (He et al. 2016) behind a convolution. */
    public static ModelSpec preactivation(int units, int width, int size) {
        return SpecJson.standard()
                .parse(
                        """
                        {"format": "residuum/1", "name": "preact",
                         "input": {"type": "image", "shape": [3, %3$d, %3$d]},
                         "network": {"type": "sequential", "layers": [
                           {"type": "conv2d", "name": "stem", "filters": %2$d, "kernel": 3, "padding": 1, "bias": false},
                           {"type": "repeat", "name": "units", "times": %1$d, "layer":
                             {"type": "residual", "before": {"norm": "batch", "activation": "relu"}, "branch": [
                               {"type": "conv2d", "name": "conv1", "filters": %2$d, "kernel": 3, "padding": 1, "bias": false},
                               {"type": "norm", "name": "norm2"}, {"type": "activation"},
                               {"type": "conv2d", "name": "conv2", "filters": %2$d, "kernel": 3, "padding": 1, "bias": false}]}},
                           {"type": "norm", "name": "norm"}, {"type": "activation"},
                           {"type": "globalAveragePool"},
                           {"type": "linear", "name": "head", "units": 4}]}}
                        """
                                .formatted(units, width, size),
                        "preact",
                        ModelSpec.class);
    }

    /** {@return a network of given layers on an input in JSON} */
    public static ModelSpec of(String input, String layers) {
        return SpecJson.standard()
                .parse(
                        """
                        {"format": "residuum/1", "name": "test", "input": %s,
                         "network": {"type": "sequential", "layers": [%s]}}
                        """
                                .formatted(input, layers),
                        "test",
                        ModelSpec.class);
    }
}

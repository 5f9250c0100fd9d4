package io.residuum.inspect.representation;

import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;

/** Networks to analyze. */
final class Stacks {
    private Stacks() {}

    /** Layers over vectors of a width, and a head of three classes. */
    static ModelSpec of(int width, String layers) {
        return SpecJson.standard()
                .parse(
                        """
                        {"format": "residuum/1", "name": "stack",
                         "input": {"type": "features", "shape": [%d]},
                         "network": {"type": "sequential", "layers": [%s,
                           {"type": "linear", "name": "head", "units": 3}]}}
                        """
                                .formatted(width, layers),
                        "stack",
                        ModelSpec.class);
    }

    /** A unit x + W x. */
    static String linearUnit(int width) {
        return """
        {"type": "residual", "name": "unit", "branch":
          [{"type": "linear", "name": "fc", "units": %d, "bias": false}]}
        """
                .formatted(width);
    }

    /** Units of full pre-activation over images, in two stages with another layer between. */
    static ModelSpec stages(int width, int size) {
        String unit =
                """
                {"type": "residual", "before": {"norm": "batch", "activation": "relu"}, "branch": [
                  {"type": "conv2d", "name": "conv1", "filters": %1$d, "kernel": 3, "padding": 1, "bias": false},
                  {"type": "norm", "name": "norm2"}, {"type": "activation"},
                  {"type": "conv2d", "name": "conv2", "filters": %1$d, "kernel": 3, "padding": 1, "bias": false}]}
                """;
        return SpecJson.standard()
                .parse(
                        """
                        {"format": "residuum/1", "name": "stages",
                         "input": {"type": "image", "shape": [3, %1$d, %1$d]},
                         "network": {"type": "sequential", "layers": [
                           {"type": "conv2d", "name": "stem", "filters": %2$d, "kernel": 3, "padding": 1, "bias": false},
                           {"type": "repeat", "name": "stage1", "times": 2, "layer": %3$s},
                           {"type": "conv2d", "name": "down", "filters": %4$d, "kernel": 2, "stride": 2},
                           {"type": "sequential", "name": "stage2", "layers": [
                             {"type": "repeat", "name": "units", "times": 3, "layer": %5$s}]},
                           {"type": "norm", "name": "norm"}, {"type": "activation"},
                           {"type": "globalAveragePool"},
                           {"type": "linear", "name": "head", "units": 4}]}}
                        """
                                .formatted(
                                        size,
                                        width,
                                        unit.formatted(width),
                                        2 * width,
                                        unit.formatted(2 * width)),
                        "stages",
                        ModelSpec.class);
    }
}

package io.residuum.picture;

import ai.djl.ndarray.types.DataType;
import io.residuum.draw.Diagram;
import io.residuum.draw.Level;
import io.residuum.graph.trace.Capture;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import java.util.List;

/** Networks to draw. */
final class Networks {

    /** Every kind of shortcut and merge, units in units, equal units, two outputs. */
    static final String ODD =
            """
            {"format": "residuum/1", "name": "odd", "input": {"type": "image", "shape": [3, 8, 8]},
             "network": {"type": "graph", "outputs": ["policy", "value"], "layers": [
              {"type": "conv2d", "name": "stem", "filters": 4, "kernel": 3, "padding": 1},
              {"type": "repeat", "name": "body", "times": 3, "layer":
               {"type": "residual", "before": {"norm": "batch", "activation": "relu"},
                "branch": [{"type": "conv2d", "name": "conv", "filters": 4, "kernel": 1}]}},
              {"type": "residual", "name": "dense", "before": {"norm": "batch"}, "merge": "concat",
               "branch": [{"type": "conv2d", "name": "conv", "filters": 4, "kernel": 1}]},
              {"type": "residual", "name": "gated", "merge": "gate",
               "branch": [{"type": "conv2d", "name": "conv", "filters": 8, "kernel": 1}]},
              {"type": "residual", "name": "padded", "shortcut": "zeroPad",
               "branch": [{"type": "conv2d", "name": "conv", "filters": 12, "kernel": 1}]},
              {"type": "residual", "name": "outer", "shortcut": "projection", "branch": [
                {"type": "residual", "name": "inner",
                 "branch": [{"type": "conv2d", "name": "conv", "filters": 12, "kernel": 1},
                            {"type": "squeezeExcitation", "name": "se", "reduction": 4}]},
                {"type": "residual", "name": "down", "shortcut": "projection", "tap": "before",
                 "before": {"norm": "batch", "activation": "relu"},
                 "branch": [{"type": "conv2d", "name": "conv", "filters": 16, "kernel": 1}]}]},
              {"type": "conv2d", "name": "policy", "filters": 2, "kernel": 1},
              {"type": "globalAveragePool", "name": "mean", "from": "outer"},
              {"type": "globalMaxPool", "name": "early", "from": "stem"},
              {"type": "concat", "name": "seen", "from": ["mean", "early"]},
              {"type": "linear", "name": "value", "units": 1}]}}
            """;

    private Networks() {}

    static Diagram diagram(String json, Level level) {
        ModelSpec spec = SpecJson.standard().parse(json, "test.json", ModelSpec.class);
        Capture.Source data =
                new Capture.Source(Capture.DATA, spec.input().batchShape(), DataType.FLOAT32);
        return Diagram.of(Capture.of(spec.newBlock(), List.of(data), false), level).folded();
    }

    /** Returns a network with a sequence of unequal layers. */
    static String chain(int length) {
        StringBuilder layers = new StringBuilder();
        for (int i = 1; i <= length; i++) {
            layers.append(i == 1 ? "" : ",")
                    .append("{\"type\": \"conv2d\", \"name\": \"c%d\"".formatted(i))
                    .append(", \"filters\": %d, \"kernel\": 1}".formatted(i));
        }
        return """
        {"format": "residuum/1", "name": "chain",
         "input": {"type": "image", "shape": [3, 8, 8]}, "network": [%s]}
        """
                .formatted(layers);
    }
}

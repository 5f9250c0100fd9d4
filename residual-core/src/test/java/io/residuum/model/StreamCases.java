package io.residuum.model;

import io.residuum.spec.LayerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import java.util.ArrayList;
import java.util.List;

/** Units on several streams, by every kind of weights, and layers that read saved states. */
final class StreamCases {
    private StreamCases() {}

    static List<BlockCase> all() {
        List<BlockCase> cases = new ArrayList<>();
        units(
                cases,
                "learned",
                "{'type': 'learned', 'init': [0.5, 0.2, 0.3]}",
                "'learned'",
                "'learned'");
        units(
                cases,
                "tanh",
                "{'type': 'tanh', 'scale': 1}",
                "{'type': 'tanh', 'scale': 0.7}",
                "'tanh'");
        units(cases, "orthogonal", "'learned'", "'orthogonal'", "'learned'");
        units(
                cases,
                "mHC",
                "{'type': 'sigmoid', 'init': [0.6, 0.1, 0.3], 'scale': 1, 'eps': 1e-6}",
                "{'type': 'sinkhorn', 'iterations': 4, 'diagonal': 1, 'scale': 0.9}",
                "{'type': 'sigmoid', 'factor': 2, 'scale': 0.8}");
        units(
                cases,
                "static mHC",
                "{'type': 'sigmoid', 'init': [0.6, 0.1, 0.3], 'dynamic': false}",
                "{'type': 'sinkhorn', 'iterations': 4, 'diagonal': 1, 'dynamic': false}",
                "{'type': 'sigmoid', 'factor': 2, 'dynamic': false}");
        cases.add(
                BlockCase.sequence(
                        "correction by a router",
                        layer(
                                """
                                {"type": "stream", "streams": 3, "expand": "first", "reduce": "sum",
                                 "layers": [{"type": "residual", "tap": "carry",
                                  "read": {"type": "streams", "streams": 3,
                                           "weights": {"type": "fixed", "values": [1, 0, 0]}},
                                  "branch": {"type": "linear", "units": 4},
                                  "shortcut": {"type": "streams",
                                               "weights": "router"},
                                  "merge": {"type": "correct", "weights": "router"}}]}
                                """)));
        BlockCase coupled =
                BlockCase.sequence(
                        "coupled halves",
                        layer(
                                """
                                {"type": "stream", "streams": 2, "expand": "split",
                                 "reduce": "concat", "layers": [
                                 {"type": "residual", "read": {"type": "streams", "streams": 2,
                                   "weights": {"type": "fixed", "values": [0, 1]}},
                                  "branch": {"type": "linear", "units": 2},
                                  "merge": {"type": "write",
                                            "weights": {"type": "fixed", "values": [1, 0]}}}]}
                                """));
        cases.add(coupled);
        cases.add(BlockCase.vector("coupled halves of vectors", coupled.layer()));
        for (String shortcut :
                List.of(
                        """
                        {"type": "projection", "norm": "none"}
                        """,
                        """
                        {"type": "zeroPad"}
                        """)) {
            LayerSpec strided =
                    layer(
                            """
                            {"type": "stream", "streams": 2,
                             "reduce": {"type": "weighted", "weights": "learned"}, "layers": [
                             {"type": "residual", "read": {"type": "streams", "streams": 2,
                               "weights": "learned"},
                              "branch": {"type": "conv2d", "filters": 6, "kernel": 3,
                                         "padding": 1, "stride": 2},
                              "shortcut": {"type": "eachStream", "streams": 2, "shortcut": %s},
                              "merge": {"type": "write", "weights": "learned"},
                              "after": {"activation": "relu"}}]}
                            """
                                    .formatted(shortcut));
            cases.add(
                    BlockCase.image(
                            "streams through a strided unit, " + shortcut.strip(), strided));
        }
        cases.add(
                BlockCase.image(
                        "factors of many channels after a norm and after a convolution",
                        layer(
                                """
                                [{"type": "conv2d", "filters": 16, "kernel": 3, "padding": 1},
                                 {"type": "residual", "scale": {"type": "learned", "perChannel": true}, "branch": [
                                  {"type": "conv2d", "filters": 16, "kernel": 3, "padding": 1}, {"type": "norm"}]},
                                 {"type": "residual", "scale": {"type": "learned", "perChannel": true}, "branch":
                                  {"type": "conv2d", "filters": 16, "kernel": 1}}]
                                """)));
        cases.add(
                BlockCase.image(
                        "streams before a convolution of many channels",
                        layer(
                                """
                                [{"type": "conv2d", "filters": 16, "kernel": 3, "padding": 1},
                                 {"type": "stream", "streams": 4, "layers": [
                                  {"type": "conv2d", "filters": 64, "kernel": 3, "padding": 1}]}]
                                """)));
        cases.add(
                BlockCase.sequence(
                        "a norm of each stream",
                        layer(
                                """
                                {"type": "eachStream", "streams": 2, "layer": [
                                 {"type": "norm", "norm": "layer"}, {"type": "linear", "units": 3}]}
                                """)));
        for (String norm : List.of("rms", "none")) {
            LayerSpec lowRank =
                    layer(
                            """
                            {"type": "residual", "branch": %s,
                             "shortcut": {"type": "lowRank", "rank": 2, "norm": "%s"}}
                            """
                                    .formatted(linear(), norm));
            cases.add(BlockCase.sequence("low-rank shortcut, norm " + norm, lowRank));
        }
        cases.add(
                BlockCase.image(
                        "low-rank and learned shortcuts of images",
                        layer(
                                """
                                [{"type": "residual", "branch": %s, "shortcut":
                                  {"type": "lowRank", "rank": 2}},
                                 {"type": "residual", "branch": %s, "shortcut":
                                  {"type": "learned", "perChannel": true}, "scale": "learned"}]
                                """
                                        .formatted(conv(), conv()))));
        String history =
                """
                {"type": "stream", "layers": [
                 {"type": "save", "as": "a"}, %1$s,
                 {"type": "save", "as": "b"},
                 {"type": "average", "of": ["a", "b"], "init": [0.5, 0.2, 0.3]},
                 {"type": "residual", "tap": "read", "read": {"type": "average", "of": "a"},
                  "dropPath": {"rate": 0.4, "mode": "kept-samples"}, "branch": %1$s},
                 {"type": "residual", "read": {"type": "attend", "of": ["a", "b"]},
                  "dropPath": {"rate": 0.4, "mode": "kept-samples"}, "branch": %1$s,
                  "shortcut": {"type": "average", "of": ["b"]}},
                 {"type": "stream", "layers": [{"type": "save", "as": "a"}, %1$s,
                  {"type": "attend", "of": "a"}]},
                 {"type": "attend", "of": ["b", "a"]}]}
                """;
        cases.add(BlockCase.sequence("saved states", layer(history.formatted(linear()))));
        cases.add(BlockCase.image("saved states of images", layer(history.formatted(conv()))));
        return cases;
    }

    private static String linear() {
        return "{\"type\": \"linear\", \"units\": 4}";
    }

    private static String conv() {
        return "{\"type\": \"conv2d\", \"filters\": 4, \"kernel\": 3, \"padding\": 1}";
    }

    /** A unit on three streams of sequences, vectors and images. */
    private static void units(
            List<BlockCase> cases, String name, String read, String carry, String write) {
        String unit =
                """
                {"type": "stream", "streams": 3, "layers": [
                 {"type": "residual", "read": {"type": "streams", "streams": 3, "weights": %s},
                  "branch": %s, "shortcut": {"type": "streams", "weights": %s},
                  "merge": {"type": "write", "weights": %s}}]}
                """;
        LayerSpec linear = layer(unit.formatted(read, linear(), carry, write));
        cases.add(BlockCase.sequence("streams, " + name, linear));
        cases.add(BlockCase.vector("streams of vectors, " + name, linear));
        LayerSpec conv = layer(unit.formatted(read, conv(), carry, write));
        cases.add(BlockCase.image("streams of images, " + name, conv));
    }

    private static LayerSpec layer(String json) {
        String model =
                """
                {"format": "residuum/1", "name": "test",
                 "input": {"type": "features", "shape": [4]}, "network": %s}
                """
                        .formatted(json.replace('\'', '"'));
        return SpecJson.standard().parse(model, "test", ModelSpec.class).network();
    }
}

package io.residuum.serve;

import io.residuum.engine.EngineChoice;
import io.residuum.model.ModelMetadata;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.Engines;
import io.residuum.transformer.text.CharTokenizer;
import io.residuum.transformer.text.Tokenizer;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import javax.imageio.ImageIO;

/** Tiny models and pictures. */
final class Fixtures {
    static final Tokenizer LETTERS =
            CharTokenizer.of("abcdefghijklmnopqrstuvwxyzAU:\n ").withUnknown();
    static final ServeOptions OPTIONS = ServeOptions.DEFAULT.withPort(0);

    private Fixtures() {}

    private static Network network(String json, EngineChoice engine, List<String> classes) {
        ModelSpec spec = SpecJson.standard().parse(json, "tiny", ModelSpec.class);
        Network network = Network.create(spec, Engines.backend(engine), 5);
        network.setMetadata(ModelMetadata.EMPTY.withClassNames(classes));
        return network;
    }

    static Network images(EngineChoice engine) {
        return network(
                """
                {"format": "residuum/1", "name": "tiny",
                 "input": {"type": "image", "shape": [3, 8, 8],
                           "mean": [0.4, 0.5, 0.6], "std": [0.02, 0.03, 0.04]},
                 "network": [{"type": "conv2d", "name": "stem", "filters": 4, "kernel": 3},
                             {"type": "globalAveragePool"},
                             {"type": "linear", "units": 3}]}
                """,
                engine,
                List.of("cat", "dog", "owl"));
    }

    /** Classes by two heads, of which a classifier would drop one. */
    static Network heads(EngineChoice engine) {
        return network(
                """
                {"format": "residuum/1", "name": "tiny",
                 "input": {"type": "image", "shape": [3, 8, 8]},
                 "network": [{"type": "globalAveragePool"},
                             {"type": "heads", "name": "heads", "heads": [
                              {"type": "linear", "name": "animal", "units": 3},
                              {"type": "linear", "name": "colour", "units": 2}]}]}
                """,
                engine,
                List.of());
    }

    private static Network text(String network, EngineChoice engine, List<String> classes) {
        return network(
                """
                {"format": "residuum/1", "name": "tiny",
                 "input": {"type": "tokens", "length": 64, "vocabulary": %1$d},
                 "network": {%2$s, "vocabulary": %1$d, "width": 16, "depth": 1, "heads": 2}}
                """
                        .formatted(LETTERS.vocabulary(), network),
                engine,
                classes);
    }

    static Network topics(EngineChoice engine) {
        return text(
                "\"type\": \"bert\", \"head\": {\"type\": \"classes\", \"count\": 2}",
                engine,
                List.of("animal", "vehicle"));
    }

    static Network plays(EngineChoice engine) {
        return text("\"type\": \"gpt\"", engine, List.of());
    }

    static Network encoder(EngineChoice engine) {
        return text(
                "\"type\": \"bert\", \"head\": {\"type\": \"embedding\", \"normalize\": false}",
                engine,
                List.of());
    }

    static byte[] png(int seed) {
        BufferedImage picture = new BufferedImage(20, 14, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < 14; y++) {
            for (int x = 0; x < 20; x++) {
                picture.setRGB(x, y, (x * 11 + seed * 37) % 256 << 16 | y * 17 << 8 | seed * 20);
            }
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            ImageIO.write(picture, "png", out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}

package io.residuum.examples.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.engine.Backend;
import io.residuum.engine.DeviceChoice;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.vision.explain.Explainer;
import io.residuum.vision.explain.HeatMap;
import io.residuum.vision.predict.ImageInput;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Heat maps of convolutional networks and transformers. */
class ExplainCommandTest {
    private static final String VIT =
            """
            {"format": "residuum/1", "name": "vit",
             "input": {"type": "image", "shape": [1, 8, 8], "mean": [0.5], "std": [0.5]},
             "network": [
               {"type": "patchEmbedding", "name": "embedding", "patch": 2, "width": 8,
                "tokens": ["class"]},
               {"type": "transformerBlocks", "name": "blocks", "depth": 2,
                "attention": {"name": "attention", "heads": 2},
                "feedForward": {"name": "mlp", "width": 16}},
               {"type": "takeToken", "name": "token"},
               {"type": "linear", "name": "head", "units": 3}]}
            """;

    @TempDir private Path temp;

    private Path picture() throws IOException {
        BufferedImage image = new BufferedImage(16, 16, BufferedImage.TYPE_BYTE_GRAY);
        for (int i = 0; i < 16; i++) {
            image.getRaster().setSample(i, i / 2, 0, 255);
        }
        Path file = temp.resolve("line.png");
        ImageIO.write(image, "png", file.toFile());
        return file;
    }

    @Test
    void gradCamIsDrawn() throws IOException {
        Path tiny = Cli.tiny(temp);
        Path out = temp.resolve("why.png");
        Cli cli =
                Cli.ok(
                        "explain",
                        tiny.toString(),
                        picture().toString(),
                        "-o",
                        out.toString(),
                        "--class",
                        "4",
                        "--device",
                        "cpu");
        assertTrue(cli.out().contains("class 4"), cli.out());
        assertTrue(cli.out().contains("by unit"), cli.out());
        assertEquals(224, ImageIO.read(out.toFile()).getWidth());
        Cli wrong =
                Cli.run(
                        "explain",
                        tiny.toString(),
                        picture().toString(),
                        "-o",
                        out.toString(),
                        "--class",
                        "cat");
        assertEquals(2, wrong.code());
        assertTrue(wrong.err().contains("cat"), wrong.err());
    }

    @Test
    void attentionIsDrawn() throws IOException {
        Path vit = Files.writeString(temp.resolve("vit.json"), VIT);
        Path out = temp.resolve("why.png");
        Cli cli = Cli.ok("explain", vit.toString(), picture().toString(), "-o", out.toString());
        assertTrue(cli.out().contains("attention of 2 layers"), cli.out());
        assertTrue(Files.size(out) > 0);
    }

    @Test
    void attentionOfEqualScoresIsUniformAndEnginesAgree() throws IOException {
        ModelSpec spec = SpecJson.standard().parse(VIT, "vit", ModelSpec.class);
        ImageInput image = ImageInput.of(picture());
        List<float[]> maps = new ArrayList<>();
        for (EngineChoice engine : List.of(EngineChoice.MXNET, EngineChoice.PYTORCH)) {
            try (Backend backend = Backend.open(engine, DeviceChoice.CPU);
                    Network network = Network.create(spec, backend, 5)) {
                Explainer explainer = new Explainer(network);
                maps.add(explainer.attention(image).map().values());
                Map<String, Supplier<float[]>> zeros = new HashMap<>();
                network.parameters("*qkv*")
                        .forEach(
                                (path, p) ->
                                        zeros.put(
                                                path, () -> new float[(int) p.getShape().size()]));
                network.loadValues(zeros);
                HeatMap uniform = explainer.attention(image).map();
                assertEquals(4, uniform.height());
                float[] ones = new float[16];
                Arrays.fill(ones, 1);
                assertArrayEquals(ones, uniform.values(), 1e-5f);
            }
        }
        assertArrayEquals(maps.get(0), maps.get(1), 1e-4f);
        float least = 1;
        for (float value : maps.get(0)) {
            least = Math.min(least, value);
        }
        assertTrue(least < 0.999, "random scores are not uniform: " + Arrays.toString(maps.get(0)));
    }
}

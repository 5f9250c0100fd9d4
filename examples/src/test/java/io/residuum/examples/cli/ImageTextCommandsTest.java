package io.residuum.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.engine.Backend;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.Engines;
import io.residuum.transformer.text.CharTokenizer;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.weights.Safetensors;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Labels and embeddings of images by a model of images and texts, and by one of images. */
class ImageTextCommandsTest {
    private static final Tokenizer LETTERS = CharTokenizer.of("abcdefghijklmnopqrstuvwxyz .");

    @TempDir private Path folder;

    private String both;
    private String images;
    private Path pictures;

    @BeforeEach
    void save() throws IOException {
        both =
                saved(
                        "both",
                        """
                        {"type": "several", "inputs": [
                          {"name": "image", "type": "image", "shape": [3, 8, 8]},
                          {"name": "text", "type": "tokens", "length": 20, "vocabulary": %1$d}]}
                        """,
                        """
                        {"type": "imageTextEncoder",
                         "image": [{"type": "flatten"}, {"type": "linear", "name": "map", "units": 4}],
                         "text": [{"type": "tokenEmbedding", "vocabulary": %1$d, "width": 6},
                           {"type": "lastTokenPool"}, {"type": "linear", "name": "map", "units": 4}]}
                        """);
        images =
                saved(
                        "images",
                        "{\"type\": \"image\", \"shape\": [3, 8, 8]}",
                        """
                        [{"type": "conv2d", "name": "stem", "filters": 5, "kernel": 3},
                         {"type": "sequential", "name": "head", "layers": [
                           {"type": "globalAveragePool", "name": "pool"},
                           {"type": "linear", "name": "fc", "units": 3}]}]
                        """);
        pictures = Files.createDirectory(folder.resolve("pictures"));
        for (int i = 0; i < 3; i++) {
            BufferedImage picture = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
            picture.setRGB(i, i, 0xff8020 << i);
            ImageIO.write(picture, "png", pictures.resolve(i + ".png").toFile());
        }
    }

    private String saved(String name, String input, String network) {
        String json =
                ("{\"format\": \"residuum/1\", \"name\": \"%2$s\", \"input\": "
                                + input
                                + ", \"network\": "
                                + network
                                + "}")
                        .formatted(LETTERS.vocabulary(), name);
        Path file = folder.resolve(name + ".safetensors");
        Backend backend = Engines.backend(Engines.all().get(0));
        ModelSpec spec = SpecJson.standard().parse(json, name, ModelSpec.class);
        try (Network made = Network.create(spec, backend, 4)) {
            made.setMetadata(made.metadata().with(Tokenizer.METADATA, LETTERS.json()));
            made.save(file);
        }
        return file.toString();
    }

    @Test
    void imagesAreClassifiedByLabels() {
        Cli cli =
                Cli.ok(
                        "predict",
                        both,
                        pictures.toString(),
                        "--labels",
                        "a cat, a dog",
                        "--template",
                        "one {}",
                        "--format",
                        "csv");
        List<String> lines = cli.out().lines().toList();
        assertEquals(1 + 3 * 2, lines.size(), cli.out());
        assertTrue(cli.out().contains(",a dog,"), cli.out());
        assertEquals(2, Cli.run("predict", both, pictures.toString()).code());
        assertEquals(
                2, Cli.run("predict", both, pictures.toString(), "--template", "one {}").code());
        assertEquals(2, Cli.run("predict", images, "--text", "cat", "--template", "{}").code());
        assertEquals(
                2, Cli.run("predict", images, pictures.toString(), "--labels", "a cat").code());
    }

    @Test
    void imagesAreEmbeddedAndFound() throws IOException {
        Path out = folder.resolve("x.safetensors");
        Cli.ok("embed", images, "--input", pictures.toString(), "--output", out.toString());
        try (Safetensors file = Safetensors.open(out)) {
            // What the linear layer reads.
            assertEquals(3 * 5, file.floats("embeddings").length);
        }
        Path table = folder.resolve("x.csv");
        Cli.ok("embed", both, "--input", pictures.toString(), "--output", table.toString());
        assertTrue(Files.readAllLines(table).get(0).startsWith("image,0,1,2,3"));
        Cli query = Cli.ok("embed", both, "--input", pictures.toString(), "--query", "cat");
        assertEquals(3, query.out().lines().count(), query.out());
        Cli text = Cli.ok("embed", both, "--text", "cat", "--text", "dog");
        assertEquals(3, text.out().lines().count(), text.out());
        assertEquals(
                2,
                Cli.run("embed", images, "--input", pictures.toString(), "--query", "cat").code());
        assertEquals(2, Cli.run("embed", images, "--layer", "pool", "--text", "cat").code());
        for (String[] unused : new String[][] {{"--pooling", "mean"}, {"--tokenizer", both}}) {
            Cli bad =
                    Cli.run("embed", images, "--input", pictures.toString(), unused[0], unused[1]);
            assertEquals(2, bad.code(), bad.err());
            assertTrue(bad.err().contains(unused[0] + " "), bad.err());
        }
        for (String ignored : List.of("--pooling=mean", "--runtime=onnxruntime")) {
            Cli cli = Cli.run("embed", both, "--text", "cat", ignored);
            assertEquals(2, cli.code(), cli.err());
            assertTrue(cli.err().contains("leave out"), cli.err());
        }
    }
}

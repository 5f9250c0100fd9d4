package io.residuum.examples.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.residuum.engine.Backend;
import io.residuum.engine.DeviceChoice;
import io.residuum.engine.EngineChoice;
import io.residuum.model.ModelMetadata;
import io.residuum.model.Network;
import io.residuum.spec.json.SpecJson;
import io.residuum.weights.Safetensors;
import io.residuum.weights.SafetensorsWriter;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PredictCommandTest {
    private static final int SAMPLES = 7;

    private Path folder;
    private String spec;
    private String saved;
    private String input;

    @BeforeAll
    void save(@TempDir Path temporary) throws IOException {
        folder = temporary;
        Path tiny = Cli.tiny(folder);
        Path model = folder.resolve("tiny.safetensors");
        try (Backend backend = Backend.open(EngineChoice.AUTO, DeviceChoice.CPU);
                Network network = Network.create(SpecJson.standard().readModel(tiny), backend, 3)) {
            network.setMetadata(
                    ModelMetadata.EMPTY.withClassNames(List.of("a", "b", "c", "d", "e", "f", "g")));
            network.save(model);
        }
        spec = tiny.toString();
        saved = model.toString();
        input = write("input", new long[] {SAMPLES, 3, 16, 16}).toString();
    }

    private Path write(String name, long[] shape) {
        int size = 1;
        for (long d : shape) {
            size *= (int) d;
        }
        float[] values = new float[size];
        Random random = new Random(1);
        for (int i = 0; i < size; i++) {
            values[i] = (float) random.nextGaussian();
        }
        Path file = folder.resolve(name + "-in.safetensors");
        new SafetensorsWriter().add(name, shape, values).write(file);
        return file;
    }

    private float[] predict(String model, String... more) {
        Path output = folder.resolve("out.safetensors");
        String[] args = new String[6 + more.length];
        System.arraycopy(
                new String[] {"predict", model, "--input", input, "--output", output.toString()},
                0,
                args,
                0,
                6);
        System.arraycopy(more, 0, args, 6, more.length);
        Cli cli = Cli.ok(args);
        assertEquals("", cli.out());
        try (Safetensors tensors = Safetensors.open(output)) {
            assertEquals(List.of((long) SAMPLES, 10L), tensors.info("output").shape());
            return tensors.floats("output");
        }
    }

    @Test
    void partsGiveTheSameAsTheWhole() {
        assertArrayEquals(predict(saved), predict(saved, "--batch", "3"), 1e-6f);
    }

    @Test
    void weightsMayComeFromAnotherFile() {
        assertArrayEquals(predict(saved), predict(spec, "--weights", saved), 0f);
    }

    @ParameterizedTest
    @ValueSource(strings = {"mxnet", "pytorch"})
    void enginesAgree(String engine) {
        assertArrayEquals(predict(saved), predict(saved, "--engine", engine), 1e-4f);
    }

    @Test
    void randomWeightsAreSaidSo() {
        Cli cli = Cli.ok("predict", spec, "--quiet", "--input", input, "--output", input + ".out");
        assertTrue(
                cli.err().startsWith("residuum: warning: the weights of tiny are random"),
                cli.err());
        assertEquals(1, cli.err().lines().count(), cli.err());
    }

    @Test
    void refusesOtherShapes() {
        for (Path bad :
                List.of(
                        write("input", new long[] {2, 1, 16, 16}),
                        write("input", new long[] {3, 16, 16}),
                        write("image", new long[] {2, 3, 16, 16}))) {
            Cli cli = Cli.run("predict", saved, "--input", bad.toString(), "--output", "never");
            assertEquals(1, cli.code(), cli.err());
            assertTrue(cli.err().contains("\"input\""), cli.err());
        }
        input = write("input", new long[] {SAMPLES, 3, 16, 16}).toString();
    }

    @Test
    void imagesGetNamedClasses() throws IOException {
        BufferedImage picture = new BufferedImage(40, 30, BufferedImage.TYPE_INT_RGB);
        picture.setRGB(20, 15, 0xff8040);
        Path file = folder.resolve("picture.png");
        ImageIO.write(picture, "png", file.toFile());

        String text = Cli.ok("predict", saved, file.toString(), "--top", "3").out();
        List<String> lines = text.lines().toList();
        assertEquals(file.toString(), lines.get(0));
        assertEquals(4, lines.size());
        assertTrue(lines.get(1).matches(" +\\d+\\.\\d% {2}([a-g]|class \\d)"), lines.get(1));

        JsonNode json = Cli.ok("predict", saved, file.toString(), "--top", "10", "--json").json();
        double sum = 0;
        double before = 1;
        for (JsonNode guess : json.get(0).get("classes")) {
            double p = guess.get("probability").asDouble();
            assertTrue(p <= before, text);
            before = p;
            sum += p;
        }
        assertEquals(1, sum, 1e-9);
    }
}

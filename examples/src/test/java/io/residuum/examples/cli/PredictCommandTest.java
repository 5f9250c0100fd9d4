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
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
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
        Path out = folder.resolve("random.safetensors");
        Cli cli = Cli.ok("predict", spec, "--quiet", "--input", input, "--output", out.toString());
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
            String never = folder.resolve("never.safetensors").toString();
            Cli cli = Cli.run("predict", saved, "--input", bad.toString(), "--output", never);
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

    @Test
    void picturesComeFromFoldersPatternsAndStandardInput() throws IOException {
        Path pictures = Files.createDirectories(folder.resolve("pictures/more"));
        BufferedImage picture = new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB);
        Path a = pictures.resolveSibling("a.png");
        Path b = pictures.resolve("b.gif");
        ImageIO.write(picture, "png", a.toFile());
        ImageIO.write(picture, "gif", b.toFile());
        Files.writeString(pictures.resolve("notes.txt"), "no picture");

        Cli whole = Cli.ok("predict", saved, pictures.getParent().toString(), "--top=1");
        assertEquals(List.of(a.toString(), b.toString()), names(whole));
        assertTrue(
                whole.err().contains("1 file left out, no pictures to use: 1 .txt"), whole.err());
        Cli some = Cli.ok("predict", saved, pictures.getParent() + "/*/*.gif", "--top=1");
        assertEquals(List.of(b.toString()), names(some));

        InputStream before = System.in;
        try {
            System.setIn(new ByteArrayInputStream(Files.readAllBytes(a)));
            Cli piped = Cli.ok("predict", saved, "-", "--top=1");
            assertEquals("-", names(piped).get(0));
            assertEquals(whole.out().lines().toList().get(1), piped.out().lines().toList().get(1));
        } finally {
            System.setIn(before);
        }
        assertEquals(2, Cli.run("predict", saved, "-", "-").code());
        Cli nothing = Cli.run("predict", saved, pictures + "/*.webp");
        assertEquals(1, nothing.code());
        assertTrue(nothing.err().contains("*.webp must match pictures"), nothing.err());
        Cli missing = Cli.run("predict", saved, pictures + "/c.png");
        assertEquals(2, missing.code());
        assertTrue(missing.err().contains("no such file, folder or pattern"), missing.err());
    }

    @Test
    void classesArePrintedAsCsvAndJsonLines() throws IOException {
        Path pictures = Files.createDirectories(folder.resolve("formats"));
        BufferedImage picture = new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB);
        for (String name : List.of("a, b.png", "c.png")) {
            ImageIO.write(picture, "png", pictures.resolve(name).toFile());
        }
        String[] args = {"predict", saved, pictures.toString(), "--top=2", "--format"};
        List<String> csv = Cli.ok(with(args, "csv")).out().lines().toList();
        assertEquals("image,index,name,probability", csv.get(0));
        assertEquals(5, csv.size());
        assertTrue(csv.get(1).startsWith("\"" + pictures.resolve("a, b.png") + "\","), csv.get(1));
        JsonNode array = Cli.ok(with(args, "json")).json();
        List<String> lines = Cli.ok(with(args, "jsonl")).out().lines().toList();
        assertEquals(2, lines.size());
        for (int i = 0; i < 2; i++) {
            assertEquals(array.get(i), new Cli(0, lines.get(i), "").json());
            String[] cells = csv.get(1 + 2 * i).split(",");
            JsonNode best = array.get(i).get("classes").get(0);
            assertEquals(best.get("name").asText(), cells[cells.length - 2]);
            assertEquals(
                    best.get("probability").asDouble(),
                    Double.parseDouble(cells[cells.length - 1]));
        }
        assertEquals(2, Cli.run(with(args, "yaml")).code());
        assertEquals(2, Cli.run(with(args, "csv", "--json")).code());
    }

    private static String[] with(String[] args, String... more) {
        return Stream.of(args, more).flatMap(Arrays::stream).toArray(String[]::new);
    }

    private static List<String> names(Cli cli) {
        return cli.out().lines().filter(line -> !line.startsWith("  ")).toList();
    }

    @Test
    void aDamagedOrHugePictureIsRefusedByName() throws IOException {
        Path file = folder.resolve("large.png");
        BufferedImage picture = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
        ImageIO.write(picture, "png", file.toFile());
        Cli huge = Cli.run("predict", saved, file.toString(), "--max-pixels=4095");
        assertEquals(1, huge.code());
        assertTrue(
                huge.err()
                        .contains(file + ": a picture may have at most 4,095 pixels, got 64 x 64"),
                huge.err());
        Cli.ok("predict", saved, file.toString(), "--max-pixels=4096");
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
        Cli damaged = Cli.run("predict", saved, file.toString());
        assertEquals(1, damaged.code());
        assertTrue(damaged.err().contains(file + ": the picture is damaged"), damaged.err());
        assertEquals("", damaged.out());
    }
}

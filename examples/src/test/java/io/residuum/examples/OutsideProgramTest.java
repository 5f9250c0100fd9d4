package io.residuum.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.engine.Backend;
import io.residuum.engine.DeviceChoice;
import io.residuum.engine.EngineChoice;
import io.residuum.model.ModelMetadata;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.transformer.text.CharTokenizer;
import io.residuum.transformer.text.Tokenizer;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs a program outside the build, which does in 40 lines what the command line does. */
class OutsideProgramTest {
    private static final Path SOURCE =
            Path.of(System.getProperty("basedir", "."))
                    .resolve("outside/src/main/java/com/example/UseResiduum.java");

    private static final String IMAGES =
            """
            {"format": "residuum/1", "name": "tiny",
             "input": {"type": "image", "shape": [3, 8, 8]},
             "network": [
               {"type": "conv2d", "name": "stem", "filters": 4, "kernel": 3},
               {"type": "globalAveragePool"}, {"type": "linear", "name": "fc", "units": 10}]}
            """;

    private static final String TEXT =
            """
            {"format": "residuum/1", "name": "tiny-gpt",
             "input": {"type": "tokens", "length": 16, "vocabulary": 3},
             "network": {"type": "gpt", "vocabulary": 3, "width": 16, "depth": 1, "heads": 2}}
            """;

    @TempDir private Path folder;

    @Test
    void trainsClassifiesAndGenerates() throws Exception {
        assertTrue(Files.readAllLines(SOURCE).size() <= 40);
        for (int i = 0; i < 64; i++) {
            picture(i % 2 == 0 ? "light" : "dark", i);
        }
        String[] args = {
            Files.writeString(folder.resolve("tiny.json"), IMAGES).toString(),
            folder.resolve("images").toString(),
            folder.resolve("run").toString(),
            folder.resolve("images/light/0.png").toString(),
            languageModel(),
            "ab"
        };
        List<String> lines = run(args).lines().toList();
        assertEquals(2, lines.size(), lines::toString);
        assertTrue(lines.get(0).matches("(light|dark) \\(\\d+\\.\\d%\\)"), lines.get(0));
        assertTrue(lines.get(1).matches("ab[abc]{100}"), lines.get(1));
    }

    private void picture(String name, int index) throws IOException {
        BufferedImage picture = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
        for (int at = 0; at < 64; at++) {
            int level = (name.equals("light") ? 180 : 20) + (at * 7 + index) % 50;
            picture.setRGB(at % 8, at / 8, level * 0x010101);
        }
        Path file = folder.resolve("images").resolve(name).resolve(index + ".png");
        Files.createDirectories(file.getParent());
        ImageIO.write(picture, "png", file.toFile());
    }

    private String languageModel() {
        ModelSpec spec = SpecJson.standard().parse(TEXT, "a test", ModelSpec.class);
        Path file = folder.resolve("gpt.safetensors");
        try (Backend backend = Backend.open(EngineChoice.AUTO, DeviceChoice.CPU);
                Network network = Network.create(spec, backend, 0)) {
            String tokenizer = CharTokenizer.of("abc").json();
            network.setMetadata(ModelMetadata.EMPTY.with(Tokenizer.METADATA, tokenizer));
            network.save(file);
        }
        return file.toString();
    }

    /** {@return the output of the program, compiled and run} */
    private String run(String... args) throws Exception {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        assertNotNull(compiler, "needs a JDK");
        Path classes = Files.createDirectory(folder.resolve("classes"));
        List<String> options =
                List.of("-d", classes.toString(), "-cp", System.getProperty("java.class.path"));
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            var sources = files.getJavaFileObjects(SOURCE);
            assertTrue(compiler.getTask(null, files, null, options, null, sources).call());
        }
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream before = System.out;
        try (URLClassLoader loader = new URLClassLoader(new URL[] {classes.toUri().toURL()})) {
            System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
            loader.loadClass("com.example.UseResiduum")
                    .getMethod("main", String[].class)
                    .invoke(null, (Object) args);
        } finally {
            System.setOut(before);
        }
        return printed.toString(StandardCharsets.UTF_8);
    }
}

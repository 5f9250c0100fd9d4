package io.residuum.docs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Backend;
import io.residuum.engine.DeviceChoice;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.Recipe;
import io.residuum.train.StepResult;
import io.residuum.train.TrainingStep;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The listing of the guide "A layer of your own", compiled into a jar that this test has not seen.
 */
class CustomLayerTest {
    private static final String SOURCE = "custom-layer/com/example/Grn.java";
    private static final int SAMPLES = 12;
    private static final int PIXELS = 8 * 8;

    @TempDir Path temporary;

    @ParameterizedTest
    @EnumSource(names = {"MXNET", "PYTORCH"})
    void aLayerFromAnotherJarIsReadTrainedSavedAndReloaded(EngineChoice engine) throws IOException {
        assertTrue(Guide.read(Guide.resource(SOURCE)).lines().count() <= 40);
        Path jar = jar(compile());
        Path spec = Guide.resource("specs/grn-net.json");
        SpecException unknown =
                assertThrows(SpecException.class, () -> SpecJson.standard().readModel(spec));
        assertTrue(unknown.getMessage().contains("grn"), unknown.getMessage());

        ClassLoader before = Thread.currentThread().getContextClassLoader();
        try (URLClassLoader loader = new URLClassLoader(new URL[] {jar.toUri().toURL()}, before);
                Backend backend = Backend.open(engine, DeviceChoice.CPU)) {
            Thread.currentThread().setContextClassLoader(loader);
            trainAndReload(spec, backend);
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
    }

    private void trainAndReload(Path file, Backend backend) {
        Path saved = temporary.resolve("grn.safetensors");
        float[] images = images();
        int[] labels = labels();
        // tag::train
        ModelSpec spec = SpecJson.standard().readModel(file);
        Recipe recipe = Recipe.defaults();
        double loss = Double.NaN;
        try (Network network = Network.create(spec, backend, 7);
                TrainingStep step = new TrainingStep(network, recipe)) {
            for (int i = 0; i < 20; i++) {
                step.backward(images, labels, null, 1);
                step.update(0.05);
                StepResult result = step.poll(0);
                loss = result.loss();
            }
            network.save(saved);
        }
        // end::train
        assertTrue(loss < Math.log(3), "a loss of " + loss + " is no better than chance");
        float[] expected;
        try (Network network = Network.create(spec, backend, 7)) {
            assertTrue(allZero(network, "unit.branch.grn.gamma"));
            network.loadWeights(saved);
            assertTrue(!allZero(network, "unit.branch.grn.gamma"), "gamma was not trained");
            expected = predict(network, images);
        }
        try (Network reloaded = Network.load(saved, backend)) {
            assertEquals(spec, reloaded.spec());
            assertArrayEquals(expected, predict(reloaded, images));
        }
    }

    private static boolean allZero(Network network, String path) {
        for (float v : network.parameters().get(path).getArray().toFloatArray()) {
            if (v != 0) {
                return false;
            }
        }
        return true;
    }

    private static float[] predict(Network network, float[] images) {
        try (NDManager manager = network.backend().newManager()) {
            return network.predict(new NDList(manager.create(images, new Shape(SAMPLES, 1, 8, 8))))
                    .toFloatArray();
        }
    }

    /** Class k has a bright row k. */
    private static float[] images() {
        float[] images = new float[SAMPLES * PIXELS];
        for (int i = 0; i < SAMPLES; i++) {
            for (int x = 0; x < 8; x++) {
                images[i * PIXELS + (i % 3) * 8 + x] = 1 + i / 24f;
            }
        }
        return images;
    }

    private static int[] labels() {
        int[] labels = new int[SAMPLES];
        for (int i = 0; i < SAMPLES; i++) {
            labels[i] = i % 3;
        }
        return labels;
    }

    private Path compile() throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        assertNotNull(compiler, "needs a JDK");
        Path classes = Files.createDirectory(temporary.resolve("classes"));
        List<String> options =
                List.of("-d", classes.toString(), "-cp", System.getProperty("java.class.path"));
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            var sources = files.getJavaFileObjects(Guide.resource(SOURCE));
            assertTrue(compiler.getTask(null, files, null, options, null, sources).call());
        }
        return classes;
    }

    private Path jar(Path classes) throws IOException {
        Path jar = temporary.resolve("grn.jar");
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream entries = new JarOutputStream(out);
                Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                entry(entries, classes.relativize(file).toString().replace('\\', '/'), file);
            }
            String service = "io.residuum.spec.RecordProvider";
            entry(
                    entries,
                    "META-INF/services/" + service,
                    Guide.resource("custom-layer/" + service));
        }
        return jar;
    }

    private static void entry(JarOutputStream out, String name, Path content) throws IOException {
        out.putNextEntry(new JarEntry(name));
        Files.copy(content, out);
        out.closeEntry();
    }
}

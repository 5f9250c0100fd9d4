package io.residuum.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.EngineChoice;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import io.residuum.spec.layers.Linear;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import io.residuum.weights.WeightsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelSourceTest {
    private static final ModelSpec SPEC = Nets.spec(new Linear("head", 3), 4);

    @TempDir private Path folder;

    /** Saves a network of a seed with class names. */
    private Path saved(EngineChoice engine, String name, long seed, List<String> classes) {
        Path file = folder.resolve(name);
        try (Network network = Network.create(SPEC, Engines.backend(engine), seed)) {
            network.setMetadata(ModelMetadata.EMPTY.withClassNames(classes).with("by", name));
            network.save(file);
        }
        return file;
    }

    private static Map<String, double[]> values(ModelSource source, EngineChoice engine) {
        try (Network network = source.open(Engines.backend(engine))) {
            return Nets.values(network.state());
        }
    }

    @EachEngine
    void aRunIsItsBestNetwork(EngineChoice engine) {
        Path file = saved(engine, ModelFiles.RUN_MODEL, 5, List.of("a", "b", "c"));
        ModelSource run = ModelSource.of(folder);
        assertEquals(folder.getFileName().toString(), run.label());
        assertEquals(Optional.of(file), run.weights());
        assertEquals(List.of("a", "b", "c"), run.metadata().classNames());
        try (Network network = Network.open(folder.toString(), Engines.backend(engine));
                Network expected = Network.create(SPEC, Engines.backend(engine), 5)) {
            assertEquals(SPEC, network.spec());
            assertEquals(run.metadata(), network.metadata());
            Map<String, double[]> found = Nets.values(network.state());
            Nets.values(expected.state())
                    .forEach((path, v) -> assertArrayEquals(v, found.get(path), path));
            network.resetHead(2, 1);
            assertEquals(List.of(), network.metadata().classNames());
            assertEquals(Optional.of(ModelFiles.RUN_MODEL), network.metadata().entry("by"));
        }
    }

    @Test
    void aTextThatCannotBeAPathIsNoModel() {
        SpecException e = assertThrows(SpecException.class, () -> ModelSource.of("a\0b"));
        assertTrue(e.getMessage().contains("got \"a\\u0000b\": Nul"), e.getMessage());
    }

    @Test
    void aRunWithoutAnEpochHasRandomWeights() throws IOException {
        Files.writeString(folder.resolve(ModelFiles.RUN_SPEC), SpecJson.standard().write(SPEC));
        ModelSource run = ModelSource.of(folder);
        assertEquals(SPEC, run.spec());
        assertEquals(Optional.empty(), run.weights());
        assertThrows(SpecException.class, run::openWeights);
        assertThrows(SpecException.class, () -> run.withDialect("residuum"));
    }

    @EachEngine
    void givenWeightsReplaceThoseOfTheModel(EngineChoice engine) {
        Path model = saved(engine, "model.safetensors", 1, List.of("a", "b", "c"));
        Path unnamed = saved(engine, "unnamed.safetensors", 2, List.of());
        Path named = saved(engine, "named.safetensors", 3, List.of("x", "y", "z"));
        ModelSource source = ModelSource.of(model).withWeights(unnamed).withDialect("residuum");
        assertEquals("model", source.label());
        assertEquals(Optional.of("unnamed.safetensors"), source.metadata().entry("by"));
        assertEquals(List.of("a", "b", "c"), source.metadata().classNames());
        assertEquals(List.of("x", "y", "z"), source.withWeights(named).metadata().classNames());
        assertArrayEquals(
                values(ModelSource.of(unnamed), engine).get("head.weight"),
                values(source, engine).get("head.weight"));
    }

    @EachEngine
    void weightsOfAnotherNetworkAreRefused(EngineChoice engine) {
        Path model = saved(engine, "model.safetensors", 1, List.of());
        ModelSource other =
                ModelSource.of(write(Nets.spec(new Linear("head", 5), 4))).withWeights(model);
        String message =
                assertThrows(WeightsException.class, () -> values(other, engine)).getMessage();
        assertTrue(message.contains("is this the right model?"), message);
    }

    private Path write(ModelSpec spec) {
        try {
            return Files.writeString(folder.resolve("spec.json"), SpecJson.standard().write(spec));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "no-such-preset: no such preset",
                "no-such.safetensors: no such file",
                "nothing: must hold model.safetensors"
            })
    void whatIsNoModelIsSaid(String line) throws IOException {
        Files.createDirectory(folder.resolve("nothing"));
        String[] parts = line.split(": ");
        String model =
                parts[1].startsWith("no such p") ? parts[0] : folder.resolve(parts[0]).toString();
        String message =
                assertThrows(SpecException.class, () -> ModelSource.of(model)).getMessage();
        assertTrue(message.contains(parts[1]), message);
    }

    @Test
    void aFileThatIsNoModelIsRefusedByItsFormat() throws IOException {
        Path foreign = Files.writeString(folder.resolve("page.bin"), "<html>" + " ".repeat(40));
        String found =
                assertThrows(WeightsException.class, () -> ModelSource.of(foreign)).getMessage();
        assertTrue(found.startsWith(foreign + ": ") && found.contains("found a web page"), found);
        Path gguf = folder.resolve("m.gguf");
        Files.writeString(gguf, "GGUF\3\0\0\0" + "\0".repeat(16));
        assertEquals(
                gguf + ": the metadata of a model must have the key general.architecture, found []",
                assertThrows(SpecException.class, () -> ModelSource.of(gguf)).getMessage());
        Path saved = saved(Engines.all().get(0), "m.safetensors", 1, List.of());
        Path weights = Files.move(saved, folder.resolve("m.bin"));
        String alone =
                assertThrows(SpecException.class, () -> ModelSource.of(weights)).getMessage();
        assertTrue(alone.contains("found 2 tensors alone"), alone);
    }

    @Test
    void namesThatCannotBeReadAreUnknown() {
        ModelMetadata odd = ModelMetadata.EMPTY.with(ModelMetadata.CLASS_NAMES, "[1, ");
        assertEquals(List.of(), odd.classNames());
        assertEquals(List.of("class 0", "class 1"), odd.classNames(2));
        assertEquals(List.of("a", "class 1"), odd.withClassNames(List.of("a")).classNames(2));
    }

    @EachEngine
    void inputsThatDoNotFitAreRefusedBeforeTheyRun(EngineChoice engine) {
        try (Network network = Network.create(SPEC, Engines.backend(engine), 1);
                NDManager manager = network.backend().newManager()) {
            refused(
                    network,
                    new NDList(),
                    "the input must be (N, ...) like (-1, 4), found no array");
            refused(network, manager, new Shape(2, 4, 1), DataType.FLOAT32, "found (2, 4, 1)");
            refused(network, manager, new Shape(2, 5), DataType.FLOAT32, "found (2, 5)");
            refused(
                    network,
                    manager,
                    new Shape(2, 4),
                    DataType.INT64,
                    "must be of type float32, found int64");
            refused(network, manager, new Shape(0, 4), DataType.FLOAT32, "at least one sample");
        }
    }

    private static void refused(
            Network network, NDManager manager, Shape shape, DataType type, String message) {
        refused(network, new NDList(manager.zeros(shape, type)), message);
    }

    private static void refused(Network network, NDList inputs, String message) {
        for (boolean training : new boolean[] {false, true}) {
            String found =
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () -> network.forward(inputs, training))
                            .getMessage();
            assertTrue(found.contains(message), found);
        }
        assertThrows(IllegalArgumentException.class, () -> network.predict(inputs));
    }
}

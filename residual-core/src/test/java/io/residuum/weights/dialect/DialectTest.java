package io.residuum.weights.dialect;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.DataType;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Repeat;
import io.residuum.spec.Sequential;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.Linear;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import io.residuum.weights.Safetensors;
import io.residuum.weights.SafetensorsWriter;
import io.residuum.weights.StateDict;
import io.residuum.weights.WeightsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Translates names of a network and of a file by tables, and back. */
class DialectTest {
    private static final LayerSpec LAYERS =
            new Sequential(
                    "",
                    new Linear("qkv", 6),
                    new Linear("left", 4),
                    new Linear("right", 4),
                    new Linear("head", 2));

    /** One tensor of ours is three of theirs, two of ours are one, one is transposed. */
    private static final String TABLE =
            """
            {"format": "residuum-dialect/1", "name": "peer",
             "base": {"prefix": "model.", "heads": ["out.*"]},
             "rules": [
               {"ours": "qkv.weight", "theirs": ["q.w", "k.w", "v.w"]},
               {"ours": "qkv.bias", "theirs": ["q.b", "k.b", "v.b"]},
               {"ours": "left.weight", "theirs": "l.weight", "rearrange": "i o -> o i"},
               {"ours": "left.bias", "theirs": "l.bias"},
               {"ours": "right.*", "theirs": "r.*"},
               {"ours": "head.*", "theirs": "out.*"}],
             "copies": [{"theirs": "again", "of": "r.bias"}],
             "ignored": ["*.count"]}
            """;

    private static final Dialect PEER =
            new SpecJson(List.of()).parse(TABLE, "peer.json", Dialect.class);

    @TempDir Path folder;
    private Network network;

    @BeforeEach
    void create() {
        network =
                Nets.shaken(
                        Nets.spec(LAYERS, 3),
                        Engines.backend(EngineChoice.MXNET),
                        DataType.FLOAT32);
    }

    @AfterEach
    void close() {
        network.close();
    }

    private float[] ours(String path) {
        return network.state().get(path).getArray().toFloatArray();
    }

    private Map<String, float[]> all() {
        Map<String, float[]> values = new TreeMap<>();
        network.state().keySet().forEach(path -> values.put(path, ours(path)));
        return values;
    }

    private Path exported() {
        Path file = folder.resolve("theirs.safetensors");
        Export.of(PEER, network.block(), this::ours).write(file);
        return file;
    }

    /** The exported tensors, changed. */
    private Path changed(Consumer<Map<String, long[]>> change) {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        try (StateDict file = StateDict.open(exported(), StateDict.Variant.PLAIN)) {
            file.names().forEach(name -> shapes.put(name, file.info(name).dimensions()));
        }
        change.accept(shapes);
        SafetensorsWriter writer = new SafetensorsWriter();
        shapes.forEach(
                (name, shape) -> {
                    int size = 1;
                    for (long length : shape) {
                        size *= (int) length;
                    }
                    writer.add(name, shape, new float[size]);
                });
        Path file = folder.resolve("changed.safetensors");
        writer.write(file);
        return file;
    }

    private void planned(Path file, Consumer<ImportPlan> check) {
        try (StateDict tensors = StateDict.open(file, StateDict.Variant.PLAIN)) {
            check.accept(ImportPlan.of(PEER, network.block(), tensors));
        }
    }

    /** A tied head has a second name, which the table of another family gives to a real tensor. */
    @Test
    void aStoredTensorGoesBeforeACopy() {
        Dialect twoNames =
                new SpecJson(List.of())
                        .parse(
                                """
                                {"format": "residuum-dialect/1", "name": "peer",
                                 "rules": [
                                   {"ours": "left.bias", "theirs": "alias"},
                                   {"ours": "left.bias", "theirs": "l.bias"}],
                                 "copies": [{"theirs": "alias", "of": "r.bias"}]}
                                """,
                                "two-names.json",
                                Dialect.class)
                        .extending(PEER);
        try (StateDict tensors = StateDict.open(exported(), StateDict.Variant.PLAIN)) {
            ImportPlan plan = ImportPlan.of(twoNames, network.block(), tensors);
            assertEquals(
                    List.of("model.l.bias"),
                    plan.matched().stream()
                            .filter(match -> match.ours().equals("left.bias"))
                            .findFirst()
                            .orElseThrow()
                            .theirs());
        }
    }

    @Test
    void writesTheirNamesShapesAndValues() {
        try (StateDict file = StateDict.open(exported(), StateDict.Variant.PLAIN)) {
            assertEquals(
                    new TreeSet<>(
                            List.of(
                                    "model.q.w",
                                    "model.k.w",
                                    "model.v.w",
                                    "model.q.b",
                                    "model.k.b",
                                    "model.v.b",
                                    "model.l.weight",
                                    "model.l.bias",
                                    "model.r.weight",
                                    "model.r.bias",
                                    "model.again",
                                    "out.weight",
                                    "out.bias")),
                    new TreeSet<>(file.names()));
            assertArrayEquals(new long[] {2, 3}, file.info("model.k.w").dimensions());
            assertArrayEquals(new long[] {6, 4}, file.info("model.l.weight").dimensions());
            float[] qkv = ours("qkv.weight");
            float[] keys = new float[6];
            System.arraycopy(qkv, 6, keys, 0, 6);
            assertArrayEquals(keys, file.floats("model.k.w"));
            assertEquals(ours("left.weight")[1], file.floats("model.l.weight")[4]);
            assertArrayEquals(ours("right.bias"), file.floats("model.again"));
        }
    }

    @Test
    void whatIsWrittenIsReadBack() {
        Path file = exported();
        Map<String, float[]> before = all();
        network.loadValues(Map.of("qkv.weight", () -> new float[18]));
        planned(
                file,
                plan -> {
                    assertTrue(plan.isComplete());
                    plan.require(path -> false, name -> false);
                    assertEquals(List.of("model.again"), plan.ignored());
                    network.loadValues(plan.values());
                });
        before.forEach((path, values) -> assertArrayEquals(values, ours(path), path));
    }

    @Test
    void tellsWhatIsMissingLeftAndOfAnotherShape() {
        Path file =
                changed(
                        shapes -> {
                            shapes.put("model.lt.bias", shapes.remove("model.l.bias"));
                            shapes.put("out.weight", new long[] {5, 4});
                            shapes.put("model.r.count", new long[] {1});
                        });
        planned(
                file,
                plan -> {
                    assertEquals(List.of("model.lt.bias"), plan.unexpected());
                    assertTrue(plan.ignored().contains("model.r.count"));
                    ImportPlan.Missing missing = plan.missing().get(0);
                    assertEquals("left.bias", missing.ours());
                    assertEquals(Optional.of("model.lt.bias"), plan.nearest(missing));
                    ImportPlan.WrongShape wrong = plan.wrongShapes().get(0);
                    assertEquals("head.weight", wrong.ours());
                    assertEquals("(2, 4)", wrong.expected());
                    assertEquals("(5, 4)", wrong.found());
                    WeightsException e =
                            assertThrows(
                                    WeightsException.class,
                                    () -> plan.require(path -> false, name -> false));
                    for (String part :
                            List.of(
                                    "1 missing (left.bias: no l.bias, perhaps model.lt.bias)",
                                    "1 unexpected (model.lt.bias)",
                                    "out.weight is (5, 4), not (2, 4)")) {
                        assertTrue(e.getMessage().contains(part), e.getMessage());
                    }
                    plan.require(
                            path -> path.equals("left.bias") || path.startsWith("head."),
                            name -> name.endsWith("lt.bias"));
                });
    }

    @Test
    void aTiedTensorMustBeItsOriginal() {
        Path file = folder.resolve("untied.safetensors");
        SafetensorsWriter writer = new SafetensorsWriter();
        try (StateDict exported = StateDict.open(exported(), StateDict.Variant.PLAIN)) {
            for (String name : exported.names()) {
                float[] values = exported.floats(name);
                values[0] += name.equals("model.again") ? 1 : 0;
                writer.add(name, exported.info(name).dimensions(), values);
            }
        }
        writer.write(file);
        planned(
                file,
                plan -> {
                    WeightsException e = assertThrows(WeightsException.class, plan::values);
                    assertTrue(
                            e.getMessage().contains("model.again must be equal"), e.getMessage());
                });
    }

    @Test
    void findsTheDialectByTheNames() {
        Dialects both = new Dialects(List.of(Dialect.own(), PEER));
        Path own = folder.resolve("own.safetensors");
        network.save(own);
        try (StateDict theirs = StateDict.open(exported(), StateDict.Variant.PLAIN);
                StateDict ours = StateDict.open(own, StateDict.Variant.PLAIN)) {
            assertEquals("peer", both.plan(network.block(), theirs).dialect().name());
            assertEquals(Dialect.OWN, both.plan(network.block(), ours).dialect().name());
        }
        assertEquals(PEER, both.named("peer").forWriting(network.block()));
        SpecException unknown = assertThrows(SpecException.class, () -> both.named("nobody"));
        assertTrue(unknown.getMessage().contains("residuum, peer"), unknown.getMessage());
    }

    /** A module that contains the network, and one that has more beside it. */
    @Test
    void findsThePrefixOfAllNames() {
        Dialects both = new Dialects(List.of(Dialect.own(), PEER));
        Path wrapped = folder.resolve("wrapped.safetensors");
        Path mixed = folder.resolve("mixed.safetensors");
        SafetensorsWriter all = new SafetensorsWriter();
        SafetensorsWriter more = new SafetensorsWriter();
        try (StateDict file = StateDict.open(exported(), StateDict.Variant.PLAIN)) {
            for (String name : file.names()) {
                long[] shape = file.info(name).dimensions();
                all.add("net.backbone." + name, shape, file.floats(name));
                more.add("net.backbone." + name, shape, file.floats(name));
            }
        }
        all.write(wrapped);
        more.add("loss.weight", new long[] {1}, new float[1]).write(mixed);
        try (StateDict inner = StateDict.open(wrapped);
                StateDict outer = StateDict.open(mixed)) {
            ImportPlan plan = both.plan(network.block(), inner);
            assertTrue(plan.isComplete());
            assertEquals("[net.backbone.]", plan.file().removedPrefixes().toString());
            plan.values().forEach((path, v) -> assertArrayEquals(ours(path), v.get(), path));

            WeightsException e =
                    assertThrows(WeightsException.class, () -> both.plan(network.block(), outer));
            assertTrue(e.getMessage().contains("--prefix net.backbone."), e.getMessage());
            ImportPlan one = new Dialects(List.of(PEER)).plan(network.block(), outer);
            e = assertThrows(WeightsException.class, () -> one.require(ImportOptions.standard()));
            assertTrue(e.getMessage().contains("--prefix net.backbone."), e.getMessage());
        }
        ImportOptions options =
                ImportOptions.standard().withDialects(both).withPrefix("net.backbone.");
        assertTrue(network.loadWeights(mixed, options).isComplete());
    }

    @Test
    void namesOfNobodyAreAnErrorWithTheNearest() {
        Path file = folder.resolve("nobody.safetensors");
        new SafetensorsWriter().add("x", new long[] {1}, new float[1]).write(file);
        Dialects both = new Dialects(List.of(Dialect.own(), PEER));
        try (StateDict tensors = StateDict.open(file, StateDict.Variant.PLAIN)) {
            WeightsException e =
                    assertThrows(WeightsException.class, () -> both.plan(network.block(), tensors));
            assertTrue(e.getMessage().contains("fit no dialect"), e.getMessage());
            assertTrue(e.getMessage().contains("0 of 8"), e.getMessage());
        }
    }

    /** Other tables know none of the names, or all of them by tensors of another shape. */
    @Test
    void aMisfitNameIsAnErrorOfTheDialectThatFitsBest() {
        Dialect joined =
                new SpecJson(List.of())
                        .parse(
                                TABLE.replace(
                                                "[\"q.w\", \"k.w\", \"v.w\"]",
                                                "[\"v.w\", \"k.w\", \"q.w\"]")
                                        .replace("\"peer\"", "\"joined\"")
                                        .replace(", \"rearrange\": \"i o -> o i\"", ""),
                                "joined.json",
                                Dialect.class);
        Dialect foreign =
                Dialect.of(
                        "foreign",
                        "",
                        "",
                        List.of(Rule.renaming(TensorNames.of("*"), TensorNames.of("theirs.*"))),
                        List.of());
        Dialects all = new Dialects(List.of(Dialect.own(), foreign, joined, PEER));
        Path file = changed(shapes -> shapes.put("model.lt.bias", shapes.remove("model.l.bias")));
        try (StateDict tensors = StateDict.open(file, StateDict.Variant.PLAIN)) {
            ImportPlan plan = all.plan(network.block(), tensors);
            assertEquals("peer", plan.dialect().name());
            assertEquals(List.of("model.lt.bias"), plan.unexpected());
            assertEquals(List.of("l.bias"), plan.missing().get(0).theirs());
        }
    }

    @Test
    void namesOfSeveralThatDifferAreAnError() {
        // Both tables explain the file, but each takes its two biases for the other's.
        Dialect swapped =
                new SpecJson(List.of())
                        .parse(
                                TABLE.replace("left", "LEFT")
                                        .replace("right", "left")
                                        .replace("LEFT", "right")
                                        .replace("\"peer\"", "\"swapped\"")
                                        .replace(", \"rearrange\": \"i o -> o i\"", ""),
                                "swapped.json",
                                Dialect.class);
        Dialect straight =
                new SpecJson(List.of())
                        .parse(
                                TABLE.replace(", \"rearrange\": \"i o -> o i\"", ""),
                                "straight.json",
                                Dialect.class);
        LayerSpec alike =
                new Sequential(
                        "",
                        new Linear("qkv", 6),
                        new Linear("left", 6),
                        new Linear("right", 6),
                        new Linear("head", 2));
        try (Network square =
                Nets.shaken(
                        Nets.spec(alike, 3),
                        Engines.backend(EngineChoice.MXNET),
                        DataType.FLOAT32)) {
            Path file = folder.resolve("square.safetensors");
            Export.of(
                            straight,
                            square.block(),
                            path -> square.state().get(path).getArray().toFloatArray())
                    .write(file);
            Dialects both = new Dialects(List.of(straight, swapped));
            try (StateDict tensors = StateDict.open(file, StateDict.Variant.PLAIN)) {
                WeightsException e =
                        assertThrows(
                                WeightsException.class, () -> both.plan(square.block(), tensors));
                assertTrue(e.getMessage().contains("several dialects"), e.getMessage());
            }
        }
    }

    @Test
    void severalOfOursThatAreOneOfTheirsMustBeEqualToBeWritten() {
        Dialect shared =
                new SpecJson(List.of())
                        .parse(
                                TABLE.replace(
                                        "{\"ours\": \"right.*\", \"theirs\": \"r.*\"}",
                                        "{\"ours\": \"right.bias\", \"theirs\": \"l.bias\"},"
                                                + " {\"ours\": \"right.weight\", \"theirs\":"
                                                + " \"r.weight\"}"),
                                "shared.json",
                                Dialect.class);
        Path file = folder.resolve("shared.safetensors");
        SafetensorsWriter different = Export.of(shared, network.block(), this::ours);
        WeightsException e = assertThrows(WeightsException.class, () -> different.write(file));
        assertTrue(e.getMessage().contains("right.bias"), e.getMessage());
        Export.of(shared, network.block(), path -> ours(path.replace("right.b", "left.b")))
                .write(file);
        try (Safetensors written = Safetensors.open(file)) {
            assertArrayEquals(ours("left.bias"), written.floats("model.l.bias"));
        }
    }

    /** One tensor holds the layers of a body; another is read by two rules, in two orders. */
    @Test
    void aTensorOfSeveralIsSplitByItsRule() {
        Dialect stacked =
                new SpecJson(List.of())
                        .parse(
                                """
                                {"format": "residuum-dialect/1", "name": "stacked", "rules": [
                                 {"ours": "body.{e}.weight", "theirs": "all",
                                  "each": "e", "rearrange": "e r c -> (e r) c"},
                                 {"ours": ["a.weight", "b.weight"], "theirs": "w"},
                                 {"ours": ["c.weight", "d.weight"], "theirs": "w",
                                  "rearrange": "(p o) i -> (o p) i", "axes": {"p": 2}}]}
                                """,
                                "stacked.json",
                                Dialect.class);
        LayerSpec layers =
                new Sequential(
                        "",
                        new Repeat("body", 3, linear(""), false),
                        linear("a"),
                        linear("b"),
                        linear("c"),
                        linear("d"));
        float[] all = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
        Path file = folder.resolve("stacked.safetensors");
        new SafetensorsWriter()
                .add("all", new long[] {3, 2, 2}, all)
                .add("w", new long[] {4, 2}, Arrays.copyOf(all, 8))
                .write(file);
        try (Network made =
                Nets.shaken(
                        Nets.spec(layers, 2),
                        Engines.backend(EngineChoice.MXNET),
                        DataType.FLOAT32)) {
            ImportOptions options =
                    ImportOptions.standard().withDialects(new Dialects(List.of(stacked)));
            made.loadWeights(file, options);
            Map<String, float[]> found = new TreeMap<>();
            made.state().forEach((path, p) -> found.put(path, p.getArray().toFloatArray()));
            assertArrayEquals(new float[] {8, 9, 10, 11}, found.get("body.2.weight"));
            assertArrayEquals(new float[] {4, 5, 6, 7}, found.get("b.weight"));
            assertArrayEquals(new float[] {0, 1, 4, 5}, found.get("c.weight"));
            Path fewer = folder.resolve("fewer.safetensors");
            new SafetensorsWriter()
                    .add("all", new long[] {2, 2, 2}, Arrays.copyOf(all, 8))
                    .add("w", new long[] {4, 2}, Arrays.copyOf(all, 8))
                    .write(fewer);
            WeightsException e =
                    assertThrows(WeightsException.class, () -> made.loadWeights(fewer, options));
            assertTrue(e.getMessage().contains("all is (2, 2, 2), not (3, 2, 2)"), e.getMessage());
        }
    }

    private static Linear linear(String name) {
        return new Linear(name, 2, false, new InitSpec.Constant(0));
    }

    @Test
    void aNetworkWithoutNamesIsNotWritten() {
        Dialect partial =
                new SpecJson(List.of())
                        .parse(
                                TABLE.replace("{\"ours\": \"right.*\", \"theirs\": \"r.*\"},", ""),
                                "partial.json",
                                Dialect.class);
        WeightsException e =
                assertThrows(
                        WeightsException.class,
                        () -> Export.of(partial, network.block(), this::ours));
        assertTrue(e.getMessage().contains("none for 2 of 8"), e.getMessage());
        assertTrue(e.getMessage().contains("right.weight"), e.getMessage());
        assertThrows(
                WeightsException.class,
                () -> new Dialects(List.of(partial)).forWriting(network.block()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "residuum-dialect/1 | residuum-dialect/2 | format of a dialect must be",
                "\"peer\" | \" \" | name must not be blank",
                "\"theirs\": \"out.*\" | \"theirs\": \"out{i}.*\" | only placeholders of ours",
                "[\"q.b\", \"k.b\", \"v.b\"] | [] | names must not be empty",
                "i o -> o i | i o | must be like",
                "\"again\", | \"again.*\", | the same placeholders",
                "\"ignored\" | \"ignore\" | ignore",
                "i o -> o i\" | i o -> (o i)\" | sizes of all but one",
                "i o -> o i\" | i o -> o i\", \"axes\": {\"k\": 3} | axes must be axes of",
                "i o -> o i\" | i o -> o i\", \"axes\": {\"i\": \"width\"} | heads, kvHeads or"
                        + " headWidth",
                "\"v.w\"] | \"v.w\"], \"axes\": {\"i\": 3} | without rearrange",
                "\"v.w\"] | \"v.w\"], \"extraRows\": {\"before\": 2} | rows of one tensor",
                "\"name\": \"peer\" | \"name\": \"peer\", \"extends\": \"nobody\" | one of"
                        + " residuum",
            })
    void aWrongTableIsAnErrorWithItsLine(String old, String now, String message)
            throws IOException {
        Path file = folder.resolve("table.json");
        Files.writeString(file, TABLE.replace(old, now));
        SpecException e = assertThrows(SpecException.class, () -> Dialects.read(file));
        assertTrue(e.getMessage().contains(message), e.getMessage());
        assertTrue(e.getMessage().matches("(?s).*table\\.json:\\d+: \\$.*"), e.getMessage());
    }
}

package io.residuum.spec.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.json.JsonText;
import io.residuum.residual.DropPathSpec;
import io.residuum.residual.Residual;
import io.residuum.residual.ScaleSpec;
import io.residuum.spec.InputSpec;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.RecordProvider;
import io.residuum.spec.Sequential;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.Fixtures.Everything;
import io.residuum.spec.json.Fixtures.Order;
import io.residuum.spec.json.Fixtures.Policy;
import io.residuum.spec.json.Fixtures.Rate;
import io.residuum.spec.json.Fixtures.Recipe;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.Size2d;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SpecJsonTest {
    private final SpecJson json = Fixtures.json();

    private LayerSpec layer(String text) {
        return json.parse(text, "test", LayerSpec.class);
    }

    @Test
    void readsANetworkWrittenByHand() {
        ModelSpec model =
                json.parse(
                        """
                        {"format": "residuum/1", "name": "my-net",
                         "input": {"type": "image", "shape": [3, 32, 32]},
                         "network": {"type": "sequential", "layers": [
                           {"type": "conv2d", "name": "stem", "filters": 32, "kernel": [3, 5], "bias": false},
                           {"type": "residual", "name": "unit",
                            "branch": [{"type": "conv2d", "filters": 32, "kernel": 3, "padding": 1}],
                            "scale": {"type": "learned"}, "dropPath": 0.1, "after": {"activation": "relu"}}]}}
                        """,
                        "test",
                        ModelSpec.class);

        assertEquals(new InputSpec.Image(List.of(3, 32, 32), List.of(), List.of()), model.input());
        Sequential network = (Sequential) model.network();
        Conv2d stem = (Conv2d) network.layers().get(0);
        assertEquals(new Size2d(3, 5), stem.kernel());
        assertEquals(Size2d.of(1), stem.stride());
        Residual unit = (Residual) network.layers().get(1);
        assertEquals(new Sequential("", Conv2d.of(32, 3)), unit.branch());
        assertEquals(new ScaleSpec.Learned(0, false), unit.scale());
        assertEquals(DropPathSpec.of(0.1), unit.dropPath());
        assertEquals(ActivationSpec.RELU, unit.after().activation());
    }

    @Test
    void fillsInDefaults() {
        assertEquals(
                new Everything(
                        "",
                        false,
                        7,
                        -1,
                        0.5,
                        null,
                        3.0,
                        Order.PRE_NORM,
                        List.of(1, 2),
                        Map.of("a", new Rate.Fixed(1)),
                        new Rate.Zero(),
                        new Policy.Letter("A")),
                layer("{\"type\": \"everything\"}"));
    }

    @Test
    void readsWhatIsGiven() {
        assertEquals(
                new Everything(
                        "n",
                        true,
                        200,
                        1L << 40,
                        -2.5e-3,
                        4,
                        null,
                        Order.POST_NORM,
                        List.of(),
                        Map.of(
                                "x y",
                                new Rate.Zero(),
                                "z",
                                new Rate.Curve(List.of(1.0), new Rate.Zero())),
                        new Rate.Fixed(2),
                        new Policy.All()),
                layer(
                        """
                        {"name": "n", "flag": true, "small": 2e2, "large": 1099511627776, "real": -2.5e-3,
                         "maybe": 4.0, "nullable": null, "order": "post-norm", "sizes": [],
                         "rates": {"x y": "zero", "z": {"points": [1], "type": "curve"}},
                         "rate": 2, "policy": {"type": "all"}, "type": "everything"}
                        """));
    }

    @Test
    void skipsAByteOrderMark() {
        assertEquals(
                new Recipe("digits", 10, new Rate.Fixed(0.1)),
                json.parse("\uFEFF{\"data\": \"digits\"}", "test", Recipe.class));
    }

    @Test
    void listsAndMapsAreImmutable() {
        Everything read = (Everything) layer("{\"type\": \"everything\", \"sizes\": [1]}");
        assertThrows(UnsupportedOperationException.class, () -> read.sizes().add(1));
        assertThrows(UnsupportedOperationException.class, () -> read.rates().clear());
    }

    @Test
    void writesTheCanonicalForm() {
        ModelSpec model =
                new ModelSpec(
                        "my-net",
                        new InputSpec.Image(List.of(3, 32, 32), List.of(), List.of()),
                        new Sequential(
                                "",
                                Conv2d.of(32, 3).withName("stem").withStride(2).withBias(false),
                                Residual.builder("unit", Conv2d.of(32, 3), Conv2d.of(32, 1))
                                        .scale(new ScaleSpec.Learned(0.5, false))
                                        .dropPath(DropPathSpec.of(0.1))
                                        .build()));
        String expected =
                """
                {
                  "format": "residuum/1",
                  "name": "my-net",
                  "input": {"type": "image", "shape": [3, 32, 32]},
                  "network": [
                    {
                      "type": "conv2d",
                      "name": "stem",
                      "filters": 32,
                      "kernel": 3,
                      "stride": 2,
                      "padding": 1,
                      "bias": false
                    },
                    {
                      "type": "residual",
                      "name": "unit",
                      "branch": [
                        {"type": "conv2d", "filters": 32, "kernel": 3, "padding": 1},
                        {"type": "conv2d", "filters": 32, "kernel": 1}
                      ],
                      "scale": {"type": "learned", "init": 0.5},
                      "dropPath": 0.1
                    }
                  ]
                }
                """;
        assertEquals(expected, json.write(model));
        assertEquals(model, json.parse(expected, "test", ModelSpec.class));
    }

    @Test
    void fillsLinesOf100ColumnsAndNoMore() {
        for (int letters = 1; letters < 120; letters++) {
            String text = json.write(new Recipe("x".repeat(letters), 10, new Rate.Fixed(0.1)));
            boolean fits = text.lines().allMatch(line -> line.length() <= 100);
            assertEquals(letters <= 100 - "  \"data\": \"\"".length(), fits);
        }
    }

    @Test
    void compactFormIsOneLineWithoutSpaces() {
        assertEquals(
                "{\"type\":\"conv2d\",\"name\":\"a b\",\"filters\":4,\"kernel\":[3,1]}",
                json.compact(
                        json.parse(
                                "{\"type\": \"conv2d\", \"kernel\": {\"width\": 1, \"height\": 3},"
                                        + " \"bias\": true, \"name\": \"a b\", \"filters\": 4}",
                                "test",
                                LayerSpec.class)));
    }

    @Test
    void equalMapsGiveEqualText() {
        LayerSpec ab = layer("{\"type\": \"everything\", \"rates\": {\"a\": 2, \"b\": 1}}");
        LayerSpec ba = layer("{\"type\": \"everything\", \"rates\": {\"b\": 1, \"a\": 2}}");
        assertEquals(ab, ba);
        assertEquals(json.compact(ab), json.compact(ba));
    }

    @Test
    void writesEveryDefaultOnDemand() {
        assertEquals(
                """
                {
                  "data": "digits",
                  "epochs": 10,
                  "rate": {"type": "fixed", "value": 0.1}
                }
                """,
                json.writeAll(new Recipe("digits", 10, new Rate.Fixed(0.1))));
        assertEquals(
                """
                {
                  "type": "residual",
                  "name": "",
                  "read": "",
                  "before": {"norm": {"type": "none"}, "activation": {"type": "none"}},
                  "branch": {"type": "flatten", "name": ""},
                  "afterBranch": {"norm": {"type": "none"}, "activation": {"type": "none"}},
                  "scale": {"type": "none"},
                  "dropPath": {"rate": 0.0, "mode": "sample", "rescale": "training"},
                  "shortcut": {"type": "identity"},
                  "tap": "input",
                  "merge": {"type": "add", "shortcut": 1.0, "branch": 1.0},
                  "after": {"norm": {"type": "none"}, "activation": {"type": "none"}}
                }
                """,
                json.writeAll(
                        layer("{\"type\": \"residual\", \"branch\": {\"type\": \"flatten\"}}")));
    }

    @ParameterizedTest
    @CsvSource({
        "0.0, 0.0",
        "-0.0, -0.0",
        "1, 1.0",
        "-3, -3.0",
        "0.1, 0.1",
        "1e-4, 0.0001",
        "0.00001, 1e-5",
        "2e23, 2e23",
        "1e15, 1000000000000000.0",
        "1e16, 1e16",
        "4.9e-324, 5e-324",
        "1.7976931348623157e308, 1.7976931348623157e308",
        "2.0e-3, 0.002",
        "5.6843418860808015e-14, 5.6843418860808015e-14",
        "123456.789, 123456.789"
    })
    void writesTheShortestNumber(String value, String expected) {
        assertEquals(expected, JsonText.number(Double.parseDouble(value)));
        assertEquals(Double.parseDouble(value), Double.parseDouble(expected));
    }

    @Test
    void refusesToWriteWhatCouldNotBeReadBack() {
        SpecException unfinished =
                assertThrows(
                        SpecException.class,
                        () -> json.write(new Recipe("", 1, new Rate.Fixed(Double.NaN))));
        assertEquals("$.rate must be finite, got NaN", unfinished.getMessage());
        SpecJson bare = new SpecJson(List.of(Sequential.class));
        SpecException unregistered =
                assertThrows(
                        SpecException.class, () -> bare.write(new Sequential("", Conv2d.of(1, 1))));
        assertEquals(
                "$.layers[0] must be of a registered type, got io.residuum.spec.layers.Conv2d:"
                        + " list it in a RecordProvider",
                unregistered.getMessage());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void whatIsWrittenReadsBackEqual(long seed) {
        Types types = new Types(Fixtures.layers());
        RandomSpecs specs = new RandomSpecs(types, seed);
        for (int i = 0; i < 40; i++) {
            for (Class<?> type : Fixtures.layers()) {
                LayerSpec layer = (LayerSpec) specs.next(type);
                String written = json.write(layer);
                assertEquals(layer, layer(written), () -> "seed " + seed + ": " + written);
                assertEquals(layer, layer(json.writeAll(layer)), () -> "seed " + seed);
                assertEquals(layer, layer(json.compact(layer)), () -> "seed " + seed);
                assertEquals(written, json.write(layer(written)), () -> "seed " + seed);
                assertTrue(json.compact(layer).lines().count() == 1);
            }
        }
    }

    /** Files of models hold the full form, which must stay readable. */
    @Test
    void equalPaddingIsASizeInFull() {
        LayerSpec conv = Conv2d.of(2, 3);
        String full = SpecJson.standard().writeAll(conv);
        assertTrue(
                full.replaceAll("\\s", "").contains("\"padding\":{\"height\":1,\"width\":1}"),
                full);
        assertEquals(conv, SpecJson.standard().parse(full, "test", LayerSpec.class));
    }

    @Test
    void paddingHasOneTwoOrFourNumbers() {
        String text =
                "{\"type\": \"conv2d\", \"filters\": 2, \"kernel\": 3, \"padding\": [1, 2, 3]}";
        Exception e =
                assertThrows(
                        SpecException.class,
                        () -> SpecJson.standard().parse(text, "test", LayerSpec.class));
        assertEquals(
                "test:1: $.padding: padding must be a number, [height, width], [top, bottom, left,"
                        + " right] or \"same\", got [1, 2, 3]",
                e.getMessage());
    }

    /** A provider that only the class loader of the test below names. */
    public static final class Provider implements RecordProvider {
        @Override
        public List<Class<? extends Record>> records() {
            return List.of(Everything.class);
        }
    }

    @Test
    void standardIsReadOnceForTheProvidersOfAClassLoader(@TempDir Path folder) throws IOException {
        Path services = Files.createDirectories(folder.resolve("META-INF/services"));
        String name = Provider.class.getName();
        Files.writeString(services.resolve(RecordProvider.class.getName()), name);
        SpecJson before = SpecJson.standard();
        assertSame(before, SpecJson.standard());
        Thread thread = Thread.currentThread();
        ClassLoader own = thread.getContextClassLoader();
        try (URLClassLoader more = new URLClassLoader(new URL[] {folder.toUri().toURL()}, own)) {
            thread.setContextClassLoader(more);
            assertTrue(SpecJson.standard().typeNames(LayerSpec.class).contains("everything"));
        } finally {
            thread.setContextClassLoader(own);
        }
        assertFalse(SpecJson.standard().typeNames(LayerSpec.class).contains("everything"));
    }
}

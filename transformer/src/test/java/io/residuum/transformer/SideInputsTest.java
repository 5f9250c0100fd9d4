package io.residuum.transformer;

import static io.residuum.testing.Tensors.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.compile.CompileOptions;
import io.residuum.compile.Compiler;
import io.residuum.compile.ComputeType;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.nn.ArrayCache;
import io.residuum.nn.SideInput;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import io.residuum.testing.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Side inputs are used or refused by name. */
class SideInputsTest {
    private static final String BERT =
            """
            {"type": "bert", "vocabulary": 11, "width": 8, "depth": 2, "heads": 2,
             "head": "none"}
            """;

    private static final String TRANSLATOR =
            """
            {"type": "encoderDecoder", "vocabulary": 11, "width": 8, "depth": 1, "heads": 2,
             "mlpWidth": 12}
            """;

    private static ModelSpec spec(String network) {
        return SpecJson.standard()
                .parse(
                        """
                        {"format": "residuum/1", "name": "small",
                         "input": {"type": "tokens", "length": 6, "vocabulary": 11},
                         "network": %s}
                        """
                                .formatted(network),
                        "small",
                        ModelSpec.class);
    }

    private static Network network(String json, EngineChoice engine) {
        return Nets.shaken(spec(json), Engines.backend(engine), DataType.FLOAT32);
    }

    private static NDArray named(NDArray array, @Nullable String name) {
        array.setName(name);
        return array;
    }

    private static NDArray ids(NDManager manager, @Nullable String name, long rows, long... ids) {
        return named(manager.create(ids, new Shape(rows, ids.length / rows)), name);
    }

    private static String refused(Network network, NDList inputs) {
        String message =
                assertThrows(IllegalArgumentException.class, () -> network.predict(inputs))
                        .getMessage();
        assertEquals(
                message,
                assertThrows(
                                IllegalArgumentException.class,
                                () -> network.features(inputs, List.of("")))
                        .getMessage());
        return message;
    }

    @EachEngine
    void whatNothingReadsIsRefusedByName(EngineChoice engine) {
        try (Network network = network(BERT, engine);
                NDManager manager = network.backend().newManager()) {
            for (String[] wrong :
                    new String[][] {
                        {null, "found none on array 1 of the inputs; the network reads "},
                        {"", "name it with setName"},
                        {"attention_mask", "call it \"mask\""},
                        {"token_type_ids", "call it \"segments\""},
                        {"head_mask", "found \"head_mask\": leave it out"},
                        {"source", "the network reads (positions, segments, mask)"}
                    }) {
                NDList inputs =
                        new NDList(
                                ids(manager, null, 1, 1, 2, 3), ids(manager, wrong[0], 1, 1, 1, 0));
                String message = refused(network, inputs);
                assertTrue(message.contains(wrong[1]), message);
                network.compile(CompileOptions.DEFAULT, note -> {});
                assertEquals(message, refused(network, inputs));
            }
            NDArray mask = ids(manager, "mask", 1, 1, 1, 0);
            NDArray input = ids(manager, null, 1, 1, 2, 3);
            String twice = refused(network, new NDList(input, mask, mask));
            assertTrue(twice.contains("found \"mask\" twice"), twice);
            String order = refused(network, new NDList(mask, input));
            assertTrue(order.contains("which is the side input \"mask\""), order);
            NDArray floats = named(manager.zeros(new Shape(1, 3)), "segments");
            String type = refused(network, new NDList(input, floats));
            assertTrue(type.contains("\"segments\" must be of type int64, found float32"), type);
            NDArray rows = ids(manager, "mask", 3, 1, 1, 1, 1, 1, 1, 1, 1, 1);
            NDList two = new NDList(ids(manager, null, 2, 1, 2, 3, 4, 5, 6), rows);
            String samples = refused(network, two);
            assertTrue(samples.contains("must have 2 in its first dimension"), samples);
            NDList wide = new NDList(input, ids(manager, "segments", 1, 0));
            String shape = refused(network, wide);
            assertTrue(shape.contains("\"segments\" must be (N, 3)"), shape);
        }
    }

    @EachEngine
    void aMaskHidesPaddingAsAShorterTextHasNone(EngineChoice engine) {
        try (Network network = network(BERT, engine);
                NDManager manager = network.backend().newManager()) {
            double[] whole =
                    Tensors.values(network.predict(new NDList(ids(manager, null, 1, 4, 5, 6))));
            NDList padded =
                    new NDList(
                            ids(manager, null, 1, 4, 5, 6, 0, 0),
                            ids(manager, "mask", 1, 1, 1, 1, 0, 0));
            double[] found = Tensors.values(network.predict(padded));
            assertClose(whole, Arrays.copyOf(found, whole.length), 1e-5, "padded");
            NDArray y =
                    network.block()
                            .forward(network.backend().newParameterStore(), padded, false)
                            .head();
            assertClose(found, Tensors.values(y), 1e-6, "as a block of DJL");
        }
    }

    @EachEngine
    void aBlockOfDjlRefusesThemToo(EngineChoice engine) {
        try (Network network = network(BERT, engine);
                NDManager manager = network.backend().newManager();
                Compiler compiler = network.compiler(CompileOptions.DEFAULT, false, note -> {})) {
            NDList inputs =
                    new NDList(
                            ids(manager, null, 1, 1, 2), ids(manager, "attention_mask", 1, 1, 0));
            var store = network.backend().newParameterStore();
            assertThrows(
                    IllegalArgumentException.class,
                    () -> network.block().forward(store, inputs, false));
            assertThrows(
                    IllegalArgumentException.class, () -> compiler.run(inputs, network::predict));
        }
    }

    @EachEngine
    void aDecoderNeedsItsSource(EngineChoice engine) {
        try (Network network = network(TRANSLATOR, engine);
                NDManager manager = network.backend().newManager()) {
            NDArray target = ids(manager, null, 1, 1, 2);
            String missing = refused(network, new NDList(target));
            assertTrue(missing.contains("needs the side input \"source\", found none"), missing);
            NDArray asTransformers = ids(manager, "input_ids", 1, 3, 4);
            String other = refused(network, new NDList(target, asTransformers));
            assertTrue(other.contains("call it \"source\""), other);
            NDArray source = ids(manager, "source", 1, 3, 4, 5);
            double[] whole = Tensors.values(network.predict(new NDList(target, source)));
            NDList padded =
                    new NDList(
                            target,
                            ids(manager, "source", 1, 3, 4, 5, 0),
                            ids(manager, "sourceMask", 1, 1, 1, 1, 0));
            assertClose(whole, Tensors.values(network.predict(padded)), 1e-5, "padded source");
        }
    }

    private static final String SINUSOIDAL =
            """
            {"type": "tokenEmbedding", "vocabulary": 11, "width": 8, "positions": "sinusoidal",
             "segments": 2}
            """;

    /** MXNet takes the nearest row, so that the output is wrong without a word. */
    @EachEngine
    void idsOutOfRangeAreRefusedOnEveryPath(EngineChoice engine) {
        for (String json : List.of(BERT, SINUSOIDAL, TRANSLATOR)) {
            try (Network network = network(json, engine);
                    NDManager manager = network.backend().newManager()) {
                NDArray tokens = ids(manager, null, 1, 1, 10, 0);
                NDArray source = ids(manager, "source", 1, 3, 4);
                boolean translates = json.equals(TRANSLATOR);
                NDList good = translates ? new NDList(tokens, source) : new NDList(tokens);
                List<NDList> bad = new ArrayList<>();
                for (long id : new long[] {-1, 11, Long.MAX_VALUE}) {
                    bad.add(new NDList(ids(manager, null, 1, 1, id, 0)));
                }
                bad.add(new NDList(ids(manager, null, 1, 1, 11, 0).toType(DataType.INT32, false)));
                if (translates) {
                    bad.forEach(inputs -> inputs.add(source));
                    bad.add(new NDList(tokens, ids(manager, "source", 1, 3, 11)));
                } else {
                    int positions = json.equals(BERT) ? 6 : 3;
                    bad.add(new NDList(tokens, ids(manager, "positions", 1, 0, 1, positions)));
                    bad.add(new NDList(tokens, ids(manager, "segments", 1, 0, 1, 2)));
                }
                for (boolean compiled : new boolean[] {false, true}) {
                    for (NDList inputs : bad) {
                        String message = refused(network, inputs);
                        assertTrue(message.contains(" must be in [0, "), message);
                        assertEquals(message, refusedInTraining(network, inputs));
                    }
                    network.predict(good);
                    network.compile(CompileOptions.DEFAULT, Assertions::fail);
                }
                bad.forEach(inputs -> refused(network, inputs));
            }
        }
    }

    private static String refusedInTraining(Network network, NDList inputs) {
        try (Compiler compiler =
                network.compiler(
                        CompileOptions.training(ComputeType.FLOAT32, false), true, n -> {})) {
            return assertThrows(
                            IllegalArgumentException.class,
                            () -> {
                                compiler.prepare(inputs);
                                compiler.record(inputs, some -> network.forward(some, true));
                            })
                    .getMessage();
        }
    }

    @EachEngine
    void idsOutOfRangeAreRefusedInGeneration(EngineChoice engine) {
        String gpt =
                "{\"type\": \"gpt\", \"vocabulary\": 11, \"width\": 8, \"depth\": 1, \"heads\": 2}";
        for (boolean compiled : new boolean[] {false, true}) {
            try (Network network = network(gpt, engine);
                    NDManager manager = network.backend().newManager();
                    ArrayCache cache = new ArrayCache(manager)) {
                if (compiled) {
                    network.compile(CompileOptions.DEFAULT, Assertions::fail);
                }
                network.predictNext(new NDList(ids(manager, null, 1, 1, 2)), cache);
                NDList bad = new NDList(ids(manager, null, 1, 11));
                String message =
                        assertThrows(
                                        IllegalArgumentException.class,
                                        () -> network.predictNext(bad, cache))
                                .getMessage();
                assertTrue(message.contains("tokens must be in [0, 11), found 11"), message);
                network.predictNext(new NDList(ids(manager, null, 1, 4)), cache);
                assertThrows(IllegalArgumentException.class, () -> network.predictNext(bad, cache));
                network.predictNext(new NDList(ids(manager, null, 1, 5)), cache);
                assertEquals(4, cache.length());
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"type\": \"bert\", \"vocabulary\": 11, \"width\": 8, \"depth\": 1, \"heads\": 2,"
                        + " \"segments\": 0} | positions, mask",
                "{\"type\": \"gpt\", \"vocabulary\": 11, \"width\": 8, \"depth\": 1, \"heads\": 2}"
                        + " | positions, mask",
                "{\"type\": \"llama\", \"vocabulary\": 11, \"width\": 8, \"depth\": 1,"
                        + " \"heads\": 2, \"mlpWidth\": 8} | mask",
                "{\"type\": \"encoderDecoder\", \"vocabulary\": 11, \"width\": 8, \"depth\": 1,"
                        + " \"heads\": 2, \"mlpWidth\": 8} | source, sourceMask, mask, positions"
            })
    void familiesDeclareWhatTheyRead(String json, String names) {
        assertEquals(names, spec(json).newBlock().sideInputs().toString());
    }

    @Test
    void theSourceHasTheIdsOfTheEncodersTable() {
        SideInput source = spec(TRANSLATOR).newBlock().sideInputs().find("input_ids").orElseThrow();
        assertEquals("source", source.name());
        assertEquals(11, source.count());
    }
}

package io.residuum.model;

import static io.residuum.testing.Tensors.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Parameter;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.residual.DropPath.Mode;
import io.residuum.residual.DropPath.Rescale;
import io.residuum.residual.DropPathSpec;
import io.residuum.residual.NormActivation;
import io.residuum.residual.Residual;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Repeat;
import io.residuum.spec.Sequential;
import io.residuum.spec.SpecException;
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.Conv2d;
import io.residuum.spec.layers.GlobalAveragePool;
import io.residuum.spec.layers.Linear;
import io.residuum.spec.layers.NormSpec;
import io.residuum.spec.layers.Normalization;
import io.residuum.spec.layers.SpectralNorm;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.testing.Nets;
import io.residuum.testing.Seeds;
import io.residuum.testing.Tensors;
import io.residuum.weights.SafetensorsWriter;
import io.residuum.weights.WeightsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;

class NetworkTest {
    private static final LayerSpec UNIT =
            Residual.builder("", Conv2d.of(4, 3).withName("conv"))
                    .before(new NormActivation(NormSpec.BATCH, ActivationSpec.RELU))
                    .dropPath(new DropPathSpec(0.5, Mode.BATCH, Rescale.TRAINING))
                    .build();

    private static final ModelSpec SPEC =
            Nets.spec(
                    new Sequential(
                            "",
                            Conv2d.of(4, 3).withName("stem"),
                            new Repeat("body", 3, UNIT, false),
                            new Normalization("norm", NormSpec.BATCH),
                            new GlobalAveragePool("pool"),
                            new Sequential("head", new Linear("fc", 5))),
                    3,
                    6,
                    6);

    private static Network network(EngineChoice engine) {
        return Nets.shaken(SPEC, Engines.backend(engine), DataType.FLOAT32);
    }

    private static NDList input(NDManager manager, long batch) {
        return new NDList(Tensors.random(manager, Seeds.SEED, batch, 3, 6, 6));
    }

    private static double[] predict(Network network) {
        try (NDManager manager = network.backend().newManager()) {
            return Tensors.values(network.predict(input(manager, 2)));
        }
    }

    /** One step of plain gradient descent. */
    private static void step(Network network) {
        try (NDManager manager = network.backend().newManager()) {
            NDArray x = input(manager, 4).head();
            NDArray weights = Tensors.random(manager, 9, 4, network.outputShape().get(1));
            Map<String, double[]> gradients = Nets.gradients(network, x, true, weights);
            network.parameters()
                    .forEach(
                            (path, p) -> {
                                double[] values = Tensors.values(p.getArray());
                                double[] g = gradients.get(path);
                                Arrays.setAll(values, i -> values[i] - 0.1 * g[i]);
                                Tensors.set(p.getArray(), values);
                            });
        }
    }

    @EachEngine
    void parametersAndBuffersHavePaths(EngineChoice engine) {
        try (Network network = network(engine)) {
            assertEquals(
                    List.of(
                            "stem.weight",
                            "stem.bias",
                            "body.0.before.norm.weight",
                            "body.0.before.norm.bias",
                            "body.0.branch.weight",
                            "body.0.branch.bias"),
                    network.parameters().keySet().stream().limit(6).toList());
            assertEquals(
                    List.of("body.0.before.norm.running_mean", "body.0.before.norm.running_var"),
                    network.buffers().keySet().stream().limit(2).toList());
            assertEquals(
                    network.state().size(), network.parameters().size() + network.buffers().size());
            assertThrows(UnsupportedOperationException.class, () -> network.state().clear());
        }
    }

    @EachEngine
    void aLayerThatIsReadByAnotherHasNoFeatures(EngineChoice engine) {
        LayerSpec bounded = new SpectralNorm("bounded", new Linear("", 2), 0.5, 3);
        ModelSpec spec = Nets.spec(new Sequential("", bounded), 4);
        try (Network network = Nets.shaken(spec, Engines.backend(engine), DataType.FLOAT32);
                NDManager manager = network.backend().newManager()) {
            NDList x = new NDList(Tensors.random(manager, Seeds.SEED, 1, 4));
            SpecException e =
                    assertThrows(
                            SpecException.class,
                            () -> network.features(x, List.of("bounded.layer")));
            assertTrue(e.getMessage().contains("\"bounded.layer\""), e::getMessage);
        }
    }

    @EachEngine
    void featuresAreTheOutputsOfNamedLayers(EngineChoice engine) {
        try (Network network = network(engine);
                NDManager manager = network.backend().newManager()) {
            NDList x = input(manager, 2);
            List<String> names = List.of("pool", "", "body.1", "body.1.branch", "stem");
            Map<String, NDArray> found = network.features(x, names);
            assertEquals(names, List.copyOf(found.keySet()));
            assertArrayEquals(Tensors.values(network.predict(x)), Tensors.values(found.get("")));
            double[] pooled = Tensors.values(found.get("pool"));
            double[] weight = Nets.values(network.state()).get("head.fc.weight");
            double[] bias = Nets.values(network.state()).get("head.fc.bias");
            double[] logits = new double[10];
            for (int i = 0; i < 10; i++) {
                logits[i] = bias[i % 5];
                for (int k = 0; k < 4; k++) {
                    logits[i] += pooled[i / 5 * 4 + k] * weight[i % 5 * 4 + k];
                }
            }
            assertClose(logits, Tensors.values(found.get("")), 1e-5, "the head on the feature");
            SpecException e =
                    assertThrows(SpecException.class, () -> network.features(x, List.of("stage9")));
            assertEquals(
                    "features must name layers of the network, got \"stage9\": its parts are"
                            + " [stem, body, norm, pool, head]",
                    e.getMessage());
        }
    }

    @EachEngine
    void aNewHeadKeepsTheBody(EngineChoice engine) {
        try (Network network = network(engine)) {
            network.freeze("stem.*");
            Map<String, double[]> before = Nets.values(network.state());
            network.resetHead(3, 7);
            assertEquals(SPEC.withClasses(3), network.spec());
            assertEquals(3, network.outputShape().get(1));
            Map<String, double[]> after = Nets.values(network.state());
            assertEquals(before.keySet(), after.keySet());
            after.forEach(
                    (path, v) -> {
                        if (!path.startsWith("head.")) {
                            assertArrayEquals(before.get(path), v, path);
                        }
                    });
            assertArrayEquals(new double[3], after.get("head.fc.bias"));
            assertEquals(6, predict(network).length);
            assertFalse(network.parameters().get("stem.weight").requiresGradient());
            assertTrue(network.parameters().get("body.0.branch.weight").requiresGradient());
            network.unfreeze("*");
            step(network);
            Nets.values(network.parameters())
                    .forEach(
                            (path, v) ->
                                    assertFalse(
                                            path.startsWith("stem.")
                                                    && Arrays.equals(v, after.get(path)),
                                            path));

            network.resetHead(3, 8);
            assertFalse(
                    Arrays.equals(
                            after.get("head.fc.weight"),
                            Nets.values(network.state()).get("head.fc.weight")),
                    "drawn anew, also for the same number of classes");
        }
    }

    @EachEngine
    void aNetworkWithoutAHeadKeepsWhatItHas(EngineChoice engine) {
        ModelSpec headless =
                Nets.spec(
                        new Sequential(
                                "", new Linear("fc", 4), new Activation("", ActivationSpec.RELU)),
                        4);
        try (Network network = Network.create(headless, Engines.backend(engine), 1)) {
            Map<String, double[]> before = Nets.values(network.state());
            assertThrows(SpecException.class, () -> network.resetHead(3, 1));
            assertThrows(SpecException.class, () -> network.resetHead(0, 1));
            assertEquals(headless, network.spec());
            Nets.values(network.state())
                    .forEach((path, v) -> assertArrayEquals(before.get(path), v));
        }
    }

    @EachEngine
    void frozenParametersAndStatisticsStay(EngineChoice engine) {
        try (Network network = network(engine)) {
            assertEquals(2, network.freeze("stem.*"));
            assertEquals(6, network.freeze("body.*.before.norm.*"));
            Map<String, double[]> before = Nets.values(network.state());
            for (int i = 0; i < 8; i++) {
                step(network);
            }
            Nets.values(network.state())
                    .forEach(
                            (path, v) -> {
                                boolean frozen =
                                        path.startsWith("stem.") || path.contains(".norm.");
                                assertEquals(frozen, Arrays.equals(before.get(path), v), path);
                            });
            assertEquals(2, network.unfreeze("stem.*"));
            double[] stem = Nets.values(network.state()).get("stem.weight");
            step(network);
            assertFalse(Arrays.equals(stem, Nets.values(network.state()).get("stem.weight")));
            SpecException e = assertThrows(SpecException.class, () -> network.freeze("stem"));
            assertTrue(e.getMessage().contains("got \"stem\""), e.getMessage());
        }
    }

    @EachEngine
    void aLoadedNetworkDropsItsBranchesIndependently(EngineChoice engine, @TempDir Path folder) {
        Path file = folder.resolve("net.safetensors");
        try (Network network = network(engine)) {
            network.save(file);
        }
        try (Network network = Network.load(file, Engines.backend(engine))) {
            Set<String> together = new java.util.HashSet<>();
            for (int i = 0; i < 24; i++) {
                together.add(droppedUnits(network));
            }
            assertTrue(together.size() > 2, "only ever dropped: " + together);
        }
    }

    /** Returns the units whose branches had no gradient. */
    private static String droppedUnits(Network network) {
        try (NDManager manager = network.backend().newManager()) {
            NDArray x = input(manager, 2).head();
            Map<String, double[]> gradients =
                    Nets.gradients(network, x, true, Tensors.random(manager, 3, 2, 5));
            StringBuilder dropped = new StringBuilder();
            for (int i = 0; i < 3; i++) {
                dropped.append(Tensors.largest(gradients.get("body." + i + ".branch.weight")) == 0);
            }
            return dropped.toString();
        }
    }

    @EachEngine
    void aLoadedNetworkTrainsOnLikeTheSavedOne(EngineChoice engine, @TempDir Path folder) {
        Path file = folder.resolve("net.safetensors");
        try (Network network = network(engine)) {
            ModelMetadata metadata = ModelMetadata.EMPTY.withClassNames(List.of("cat", "dog"));
            network.setMetadata(metadata.with("author", "me"));
            network.save(file);
            assertEquals(SPEC, ModelSource.of(file).spec());
            try (Network loaded = Network.load(file, Engines.backend(engine))) {
                assertEquals(List.of("cat", "dog"), loaded.metadata().classNames());
                assertEquals("me", loaded.metadata().entry("author").orElseThrow());
                network.reseed(5);
                loaded.reseed(5);
                step(network);
                step(loaded);
                Map<String, double[]> expected = Nets.values(network.state());
                Nets.values(loaded.state())
                        .forEach((path, v) -> assertArrayEquals(expected.get(path), v, path));
            }
        }
    }

    @EachEngine
    void loadWeightsReplacesValuesAndKeepsFreezing(EngineChoice engine, @TempDir Path folder) {
        Path file = folder.resolve("net.safetensors");
        try (Network source = network(engine);
                Network target = Network.create(SPEC, Engines.backend(engine), 77)) {
            source.save(file);
            target.freeze("stem.*");
            predict(target);
            target.loadWeights(file);
            assertArrayEquals(predict(source), predict(target));
            double[] stem = Nets.values(target.state()).get("stem.weight");
            step(target);
            assertArrayEquals(stem, Nets.values(target.state()).get("stem.weight"));
            assertFalse(target.parameters().get("stem.weight").requiresGradient());
        }
    }

    /** A file with this network's tensors, one of them changed. */
    private static Path write(Path file, Network network, String path, TensorWriter change) {
        SafetensorsWriter writer = new SafetensorsWriter();
        network.state()
                .forEach(
                        (name, p) -> {
                            if (name.equals(path)) {
                                change.write(writer, p);
                            } else {
                                add(writer, name, p);
                            }
                        });
        writer.write(file);
        return file;
    }

    private static void add(SafetensorsWriter writer, String name, Parameter p) {
        writer.add(name, p.getShape().getShape(), p.getArray().toFloatArray());
    }

    @FunctionalInterface
    private interface TensorWriter {
        void write(SafetensorsWriter writer, Parameter p);
    }

    @EachEngine
    void otherWeightsAreRefusedAndNothingChanges(EngineChoice engine, @TempDir Path folder) {
        String bias = "head.fc.bias";
        Map<String, TensorWriter> changes = new LinkedHashMap<>();
        changes.put("1 missing (head.fc.bias)", (w, p) -> {});
        changes.put(
                "1 missing (head.fc.bias); 1 unexpected (fc.bias)", (w, p) -> add(w, "fc.bias", p));
        changes.put(
                "1 of another shape (head.fc.bias is (1, 5) and must be (5))",
                (w, p) -> w.add(bias, new long[] {1, 5}, p.getArray().toFloatArray()));
        changes.put(
                "1 of another type (head.fc.bias is I64 and must be of a floating type)",
                (w, p) -> w.add(bias, new long[] {5}, new long[5]));
        try (Network network = network(engine);
                Network source = Network.create(SPEC, Engines.backend(engine), 3)) {
            double[] before = predict(network);
            changes.forEach(
                    (message, change) -> {
                        Path file = write(folder.resolve("w.safetensors"), source, bias, change);
                        WeightsException e =
                                assertThrows(
                                        WeightsException.class, () -> network.loadWeights(file));
                        assertTrue(e.getMessage().contains(message), e.getMessage());
                        assertArrayEquals(before, predict(network), message);
                    });
        }
    }

    @EachEngine
    void aFileWithoutASpecIsNoNetwork(EngineChoice engine, @TempDir Path folder) throws Exception {
        Backend backend = Engines.backend(engine);
        Path file = folder.resolve("w.safetensors");
        new SafetensorsWriter()
                .metadata("a", "b")
                .add("x", new long[] {1}, new float[1])
                .write(file);
        WeightsException e =
                assertThrows(WeightsException.class, () -> Network.load(file, backend));
        assertTrue(e.getMessage().contains("residuum.spec"), e.getMessage());
        Files.write(file, new byte[] {1, 2, 3});
        assertThrows(WeightsException.class, () -> Network.load(file, backend));
    }

    @EachEngine
    void predictsRightInSeveralThreads(EngineChoice engine) throws Exception {
        try (Network network = network(engine)) {
            double[] expected = predict(network);
            ExecutorService threads = Executors.newFixedThreadPool(4);
            try {
                List<Future<double[]>> results =
                        IntStream.range(0, 64)
                                .mapToObj(i -> threads.submit(() -> predict(network)))
                                .toList();
                for (Future<double[]> result : results) {
                    assertArrayEquals(expected, result.get());
                }
            } finally {
                threads.shutdown();
            }
        }
    }

    @EachEngine
    void nothingStaysOfAPass(EngineChoice engine) {
        try (Network network = network(engine)) {
            Runnable pass =
                    () -> {
                        predict(network);
                        step(network);
                    };
            network.freeze("body.0.*");
            pass.run();
            int before = managed(network);
            for (int i = 0; i < 10; i++) {
                pass.run();
            }
            assertEquals(before, managed(network));
        }
    }

    private static int managed(Network network) {
        NDManager manager = network.state().values().iterator().next().getArray().getManager();
        assertNotSame(manager, network.backend().manager());
        return manager.getManagedArrays().size()
                + network.backend().manager().getManagedArrays().size();
    }

    @EachEngine
    void gradientsOfADroppedBranchAreZero(EngineChoice engine) {
        try (Network network = network(engine)) {
            Set<String> seen = new java.util.TreeSet<>();
            for (int i = 0; i < 12; i++) {
                seen.add(droppedUnits(network));
            }
            assertTrue(seen.stream().anyMatch(s -> s.contains("true")), seen.toString());
            assertTrue(seen.stream().anyMatch(s -> s.contains("false")), seen.toString());
        }
    }
}

package io.residuum.docs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.engine.Values;
import io.residuum.hub.FakeHub;
import io.residuum.hub.Hub;
import io.residuum.hub.HubSettings;
import io.residuum.hub.TransferListener;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.testing.Npy;
import io.residuum.testing.SharedData;
import io.residuum.weights.StateDict;
import io.residuum.weights.dialect.Dialect;
import io.residuum.weights.dialect.Dialects;
import io.residuum.weights.dialect.Export;
import io.residuum.weights.dialect.ImportOptions;
import io.residuum.weights.dialect.ImportPlan;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.io.TempDir;

/** The listings of the guide "Weights". */
class WeightsTest {
    private static final int IMAGES = 2000;
    private static final int PIXELS = 28 * 28;

    private static ModelSpec spec() {
        return SpecJson.standard().readModel(Guide.resource("specs/vit-mnist.json"));
    }

    private static Dialects dialects() {
        return Dialects.read(Guide.resource("dialects/vit-pytorch.json"));
    }

    private static ImportOptions options() {
        return ImportOptions.standard().withDialects(dialects());
    }

    @EachEngine
    void modelsHaveNamesOnAHub(EngineChoice engine, @TempDir Path folder) throws IOException {
        Backend backend = Engines.backend(engine);
        Path file = folder.resolve("model.safetensors");
        try (Network network = Network.create(spec(), backend, 1)) {
            network.save(file);
        }
        try (FakeHub server = new FakeHub()) {
            server.put("me/vit-mnist", "model.safetensors", Files.readAllBytes(file));
            URI mirror = server.endpoint();
            // tag::hub
            HubSettings settings = HubSettings.standard().withEndpoint(mirror).withCache(folder);
            Hub hub = new Hub(settings, TransferListener.NONE);
            try (Network network = ModelSource.of("hf:me/vit-mnist", hub).open(backend)) {
                System.out.println(network.spec().name()); // vit-mnist
            }
            // end::hub
            assertEquals("vit-mnist", ModelSource.of("hf:me/vit-mnist", hub).spec().name());
        }
    }

    @EachEngine
    void weightsGoOutAndComeBack(EngineChoice engine, @TempDir Path folder) {
        Backend backend = Engines.backend(engine);
        Path file = folder.resolve("theirs.safetensors");
        try (Network network = Network.create(spec(), backend, 1);
                Network other = Network.create(spec(), backend, 2)) {
            // tag::export
            Map<String, Parameter> state = network.state();
            Dialect dialect = dialects().forWriting(network.block());
            Export.of(dialect, network.block(), path -> Values.floats(state.get(path).getArray()))
                    .write(file);
            // end::export

            // tag::load
            ImportPlan found = other.loadWeights(file, options());
            // end::load
            assertEquals("vit-pytorch", found.dialect().name());
            state.forEach(
                    (path, p) ->
                            assertArrayEquals(
                                    Values.floats(p.getArray()),
                                    Values.floats(other.state().get(path).getArray()),
                                    0,
                                    path));
        }
    }

    @EachEngine
    void aPlanSaysWhatFitsBeforeAnythingIsRead(EngineChoice engine, @TempDir Path folder) {
        Backend backend = Engines.backend(engine);
        Path file = folder.resolve("theirs.safetensors");
        try (Network network = Network.create(spec(), backend, 1)) {
            network.save(file);
            Set<String> kept = Set.of("head.weight", "head.bias");
            float[] head = Values.floats(network.state().get("head.weight").getArray());
            network.reseed(5);
            // tag::plan
            try (StateDict tensors = StateDict.open(file)) {
                ImportPlan plan = Dialects.standard().plan(network.block(), tensors);
                plan.require(path -> path.startsWith("head."), name -> false);
                Map<String, Supplier<float[]>> values = plan.values();
                values.keySet().removeAll(kept);
                network.loadValues(values);
            }
            // end::plan
            assertArrayEquals(
                    head, Values.floats(network.state().get("head.weight").getArray()), 0);
        }
    }

    @EachEngine
    void theTrainedNetworkGivesItsOwnLogits(EngineChoice engine) throws IOException {
        Path weights = SharedData.require("vit-mnist/vit_mnist_gpu.pt");
        Path images = SharedData.require("mnist/t10k-images-idx3-ubyte.gz");
        float[] expected =
                Npy.read(SharedData.require("vit-mnist/vit_mnist_gpu_logits_t10k.npy")).floats();
        byte[] labels = contents(SharedData.require("mnist/t10k-labels-idx1-ubyte.gz"), 8, IMAGES);
        float[] pixels = normalized(contents(images, 16, IMAGES * PIXELS));
        Backend backend = Engines.backend(engine);
        int right = 0;
        try (Network network = Network.create(spec(), backend, 1)) {
            network.loadWeights(weights, options());
            int batch = 200;
            for (int first = 0; first < IMAGES; first += batch) {
                try (NDManager manager = backend.newManager()) {
                    float[] part =
                            Arrays.copyOfRange(pixels, first * PIXELS, (first + batch) * PIXELS);
                    NDArray input = manager.create(part, new Shape(batch, 1, 28, 28));
                    NDArray logits = network.predict(new NDList(input));
                    assertArrayEquals(
                            Arrays.copyOfRange(expected, first * 10, (first + batch) * 10),
                            logits.toFloatArray(),
                            1e-4f);
                    long[] chosen = logits.argMax(1).toLongArray();
                    for (int i = 0; i < batch; i++) {
                        right += chosen[i] == labels[first + i] ? 1 : 0;
                    }
                }
            }
        }
        int theirs = 0;
        for (int i = 0; i < IMAGES; i++) {
            float[] logits = Arrays.copyOfRange(expected, i * 10, i * 10 + 10);
            theirs += argMax(logits) == labels[i] ? 1 : 0;
        }
        assertEquals(theirs, right);
        assertTrue(right > 0.9 * IMAGES, right + " right");
    }

    private static byte[] contents(Path file, int header, int length) throws IOException {
        try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
            in.skipNBytes(header);
            return in.readNBytes(length);
        }
    }

    private static float[] normalized(byte[] bytes) {
        float[] values = new float[bytes.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = ((bytes[i] & 0xff) / 255f - 0.1307f) / 0.3081f;
        }
        return values;
    }

    private static int argMax(float... values) {
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            best = values[i] > values[best] ? i : best;
        }
        return best;
    }
}

package io.residuum.examples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.NoopTranslator;
import io.residuum.compile.CompileOptions;
import io.residuum.emit.onnx.OnnxWriter;
import io.residuum.engine.Backend;
import io.residuum.engine.EngineChoice;
import io.residuum.engine.Values;
import io.residuum.graph.trace.Capture;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.testing.Npy;
import io.residuum.testing.SharedData;
import io.residuum.weights.dialect.Dialects;
import io.residuum.weights.dialect.ImportOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The trained chess network has the outputs that PyTorch computed from the same weights. */
class OpeningMovesTest {
    private static final String MODEL = "specs/maia-1100.json";
    private static final Path NAMES = Path.of("specs/maia-names.json");
    private static final float TOLERANCE = 1e-4f;

    @TempDir private Path folder;

    private static Path weights() {
        return SharedData.require("maia/maia-1100.safetensors");
    }

    private float[] reference(String array) throws IOException {
        Path file = folder.resolve(array + ".npy");
        try (ZipFile zip = new ZipFile(SharedData.require("maia/maia-1100-start.npz").toFile());
                InputStream entry = zip.getInputStream(zip.getEntry(array + ".npy"))) {
            Files.copy(entry, file);
        }
        return Npy.read(file).floats();
    }

    private static Network network(Backend backend) {
        Network network = Network.create(ModelSource.of(MODEL).spec(), backend, 1);
        network.loadWeights(weights(), ImportOptions.standard().withDialects(Dialects.read(NAMES)));
        return network;
    }

    @Test
    void theTowerHasThePublishedSize() {
        long parameters =
                ModelSource.of(MODEL).spec().newBlock().namedParameters().values().stream()
                        .filter(p -> p.requiresGradient())
                        .mapToLong(p -> p.getShape().size())
                        .sum();
        // 868,355 numbers in the file, of which 928 norm channels have a mean and a variance.
        assertEquals(868_355 - 2 * 928, parameters);
    }

    @EachEngine
    void opensWithTheKingsPawn(EngineChoice engine) throws IOException {
        Path weights = weights();
        assertArrayEquals(reference("planes"), OpeningMoves.startPosition());
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        OpeningMoves.Opinion opinion =
                OpeningMoves.run(
                        Engines.backend(engine),
                        MODEL,
                        NAMES,
                        weights,
                        new PrintStream(out, true, StandardCharsets.UTF_8));
        assertEquals(
                List.of("e2e4 66.06%", "d2d4 20.98%", "e2e3 3.01%"),
                out.toString(StandardCharsets.UTF_8).lines().limit(3).toList());
        assertEquals(20, opinion.moves().size());
        assertArrayEquals(reference("wdl"), opinion.chances(), TOLERANCE);
        assertArrayEquals(new float[] {.5035f, .0387f, .4579f}, opinion.chances(), TOLERANCE);
    }

    @EachEngine
    void allOutputsAgreeOperationByOperationAndAsAProgram(EngineChoice engine) throws IOException {
        try (Network network = network(Engines.backend(engine));
                NDManager manager = network.backend().newManager()) {
            NDList planes = planes(manager);
            float[] policy = reference("policy80");
            float[] chances = reference("wdl");
            for (String way : List.of("operations", "program")) {
                var outputs = network.predictAll(planes);
                assertArrayEquals(policy, Values.floats(outputs.get("policy")), TOLERANCE, way);
                assertArrayEquals(chances, Values.floats(outputs.get("value")), TOLERANCE, way);
                network.compile(CompileOptions.DEFAULT, note -> Assertions.fail(note));
            }
        }
    }

    @Test
    void theOnnxFileAgrees() throws Exception {
        float[] policy = reference("policy80");
        float[] chances = reference("wdl");
        Path file = folder.resolve("maia.onnx");
        try (Network network = network(Engines.backend(Engines.all().get(0)))) {
            OnnxWriter.write(
                    Capture.of(
                            network.block(),
                            List.of(
                                    new Capture.Source(
                                            Capture.DATA,
                                            network.block().inputShape(),
                                            DataType.FLOAT32)),
                            false),
                    path -> Values.floats(network.state().get(path).getArray()),
                    file,
                    OnnxWriter.Options.standard());
        }
        try (Model model = Model.newInstance("maia", "OnnxRuntime")) {
            model.load(file);
            try (Predictor<NDList, NDList> runtime = model.newPredictor(new NoopTranslator());
                    NDManager manager = NDManager.newBaseManager("OnnxRuntime")) {
                NDList found = runtime.predict(planes(manager));
                assertEquals("policy", found.get(0).getName());
                assertArrayEquals(policy, found.get(0).toFloatArray(), TOLERANCE);
                assertEquals("value", found.get(1).getName());
                assertArrayEquals(chances, found.get(1).toFloatArray(), TOLERANCE);
            }
        }
    }

    private static NDList planes(NDManager manager) {
        NDArray planes = manager.create(OpeningMoves.startPosition(), new Shape(1, 112, 8, 8));
        planes.setName(Capture.DATA);
        return new NDList(planes);
    }
}

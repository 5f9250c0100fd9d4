package io.residuum.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.residuum.compile.CompileOptions;
import io.residuum.emit.Quantization;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.model.quantize.QuantizeOptions;
import io.residuum.model.quantize.Quantizer;
import io.residuum.optim.EmaSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Tensors;
import io.residuum.weights.Safetensors;
import io.residuum.weights.StateDict;
import io.residuum.weights.TensorType;
import io.residuum.weights.quantized.QuantizedFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.io.TempDir;

/** A run of quantization-aware training writes a quantized network with the accuracy it reports. */
class QuantizedRunTest {
    private static final Task TASK = new Stripes(160, 80);

    /** Dropout and drop-path, and a branch whose norm prediction folds. */
    private static final String SPEC =
            """
            {"format": "residuum/1", "name": "stripes", "input": {"type": "image", "shape": [1, 8, 8]},
             "network": {"type": "sequential", "layers": [
               {"type": "conv2d", "name": "stem", "filters": 4, "kernel": 3, "padding": 1},
               {"type": "norm"}, {"type": "activation"},
               {"type": "residual", "name": "unit", "dropPath": {"rate": 0.5, "mode": "batch"},
                "after": {"activation": "relu"}, "branch": [
                 {"type": "conv2d", "name": "a", "filters": 4, "kernel": 3, "padding": 1, "bias": false},
                 {"type": "norm", "name": "norm"}, {"type": "activation"},
                 {"type": "conv2d", "name": "b", "filters": 4, "kernel": 3, "padding": 1}]},
               {"type": "flatten"}, {"type": "dropout", "rate": 0.1},
               {"type": "linear", "name": "hidden", "units": 16}, {"type": "activation"},
               {"type": "linear", "name": "head", "units": 8}]}}
            """;

    private static final Recipe RECIPE =
            Recipe.builder()
                    .epochs(3)
                    .batch(32)
                    .learningRate(0.02)
                    .ema(EmaSpec.of(0.8))
                    .compile(true)
                    .seed(7)
                    .build();

    @TempDir private Path folder;

    private static Network network(EngineChoice engine) {
        ModelSpec spec = SpecJson.standard().parse(SPEC, "stripes", ModelSpec.class);
        return Network.create(spec, Tiny.backend(engine), RECIPE.seed());
    }

    private String quantized(EngineChoice engine, boolean activations) {
        Path file = folder.resolve("quantized.safetensors");
        try (Network network = network(engine);
                NDManager manager = network.backend().newManager()) {
            if (activations) {
                List<NDList> samples = List.of(new NDList(Tensors.random(manager, 1, 8, 1, 8, 8)));
                Quantizer.quantize(network, samples, QuantizeOptions.DEFAULT);
            } else {
                Quantizer.quantizeWeights(network, new QuantizedFormat(4, 0), List.of());
            }
            network.save(file);
        }
        return file.toString();
    }

    private static Trainer.Result run(
            EngineChoice engine, Recipe recipe, Path run, int last, boolean resume) {
        try (Network network = network(engine)) {
            List<String> notes = new ArrayList<>();
            ProgressListener listener =
                    new ProgressListener() {
                        @Override
                        public void note(String note) {
                            notes.add(note);
                        }
                    };
            Trainer trainer = new Trainer(network, recipe, TASK, run, listener);
            trainer.stopAfter(last);
            Trainer.Result result = resume ? trainer.resume() : trainer.start();
            assertEquals(List.of(), notes);
            return result;
        }
    }

    @EachEngine
    void savesWhatItEvaluates(EngineChoice engine) throws IOException {
        for (boolean activations : List.of(true, false)) {
            Recipe recipe = RECIPE.withQuantization(quantized(engine, activations));
            Path whole = folder.resolve("whole" + activations);
            Trainer.Result result = run(engine, recipe, whole, 3, false);
            Score best = Objects.requireNonNull(result.best());

            Path broken = folder.resolve("broken" + activations);
            run(engine, recipe, broken, 1, false);
            run(engine, recipe, broken, 3, true);
            for (String file : List.of("checkpoint-last.safetensors", "model.safetensors")) {
                assertArrayEquals(
                        Files.readAllBytes(whole.resolve(file)),
                        Files.readAllBytes(broken.resolve(file)),
                        file);
            }

            Path model = new RunFolder(whole).model();
            try (StateDict stored = Safetensors.open(model)) {
                TensorType type = activations ? TensorType.I8 : TensorType.U8;
                assertEquals(type, stored.info("hidden.weight").type());
            }
            try (Network saved = Network.load(model, Tiny.backend(engine))) {
                saved.compile(CompileOptions.DEFAULT, note -> assertTrue(false, note));
                Score score = TASK.evaluate(saved, 32).score();
                assertEquals(best.accuracy(), score.accuracy());
                assertEquals(best.loss(), score.loss(), 1e-4 * best.loss());
                assertTrue(best.accuracy() > 0.3, best.toString());
            }
        }
    }

    /** The checkpoint keeps weights in float, which rounded ones would lose. */
    @EachEngine
    void trainingAQuantizedNetworkContinuesInFloat(EngineChoice engine) {
        String file = quantized(engine, true);
        Path run = folder.resolve("float");
        try (Network network = Network.load(Path.of(file), Tiny.backend(engine))) {
            new Trainer(network, RECIPE.withEpochs(1), TASK, run, ProgressListener.NONE).start();
            assertEquals(Quantization.NONE, network.metadata().quantization());
        }
        try (StateDict stored = Safetensors.open(new RunFolder(run).model())) {
            assertEquals(TensorType.F32, stored.info("hidden.weight").type());
        }
    }
}

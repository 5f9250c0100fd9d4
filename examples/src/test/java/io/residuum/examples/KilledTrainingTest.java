package io.residuum.examples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.engine.Backend;
import io.residuum.engine.DeviceChoice;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.optim.EmaSpec;
import io.residuum.optim.OptimizerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.testing.Programs;
import io.residuum.train.ProgressListener;
import io.residuum.train.Recipe;
import io.residuum.train.RunFolder;
import io.residuum.train.Task;
import io.residuum.train.Trainer;
import io.residuum.transformer.text.CharTokenizer;
import io.residuum.transformer.text.TextSplits;
import io.residuum.transformer.text.TokenStream;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.transformer.train.LanguageModeling;
import io.residuum.vision.data.DataSource;
import io.residuum.vision.image.ImageShape;
import io.residuum.vision.train.ImageClassification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Kills training at random moments and resumes it, until it ends with the files of a run that
 * nobody killed, bit for bit. {@code -Dresiduum.kills=100} sets the number of kills, which the
 * cases share; {@code -Dresiduum.seed=N} repeats their moments.
 */
class KilledTrainingTest {
    private static final int CASES = 4;
    private static final int KILLS = Integer.getInteger("residuum.kills", CASES);
    private static final long SEED = Long.getLong("residuum.seed", System.nanoTime());

    private static final String IMAGES =
            """
            {"format": "residuum/1", "name": "killed-images",
             "input": {"type": "image", "shape": [1, 32, 32], "mean": [0.5], "std": [0.3]},
             "network": [
               {"type": "conv2d", "name": "stem", "filters": 4, "kernel": 3, "stride": 4},
               {"type": "residual", "name": "unit", "before": {"norm": "batch", "activation": "relu"},
                "dropPath": 0.2,
                "branch": [{"type": "conv2d", "name": "conv", "filters": 4, "kernel": 3,
                            "padding": 1}]},
               {"type": "flatten"}, {"type": "dropout", "rate": 0.1},
               {"type": "linear", "name": "head", "units": 10}]}
            """;
    private static final String TEXT = "A kill loses no more than an epoch. ".repeat(20);

    @TempDir private Path temp;

    /** Trains in a process: engine, task, folder. A folder with a run is resumed. */
    static final class Training {
        private Training() {}

        public static void main(String[] args) {
            boolean images = args[1].equals("images");
            Task task = images ? images() : text();
            try (Backend backend = Backend.open(EngineChoice.of(args[0]), DeviceChoice.CPU);
                    Network network = Network.create(images ? spec(IMAGES) : gpt(), backend, 3)) {
                RunFolder folder = new RunFolder(Path.of(args[2]));
                Trainer trainer =
                        new Trainer(network, recipe(), task, folder.path(), ProgressListener.NONE);
                // Begins after the engine is loaded, which is most of the time of a process.
                System.out.println("trains");
                if (folder.holdsRun()) {
                    trainer.resume();
                } else {
                    trainer.start();
                }
            }
        }

        private static Recipe recipe() {
            return Recipe.builder()
                    .epochs(8)
                    .stepsPerEpoch(8)
                    .batch(16)
                    .optimizer(new OptimizerSpec.AdamW(0.9, 0.99, 1e-8, 0.1))
                    .learningRate(3e-3)
                    .warmupEpochs(1)
                    .clipNorm(1.0)
                    .ema(EmaSpec.of(0.9))
                    .seed(5)
                    .build();
        }

        private static Task images() {
            ImageShape shape = new ImageShape(1, 32, 32);
            return new ImageClassification(
                    DataSource.parse("digits:train=160,test=40").forTraining(shape));
        }

        private static Task text() {
            Tokenizer tokenizer = CharTokenizer.of(TEXT);
            TokenStream tokens = TokenStream.of(TEXT, tokenizer);
            return LanguageModeling.on(
                    new TextSplits(
                            "kills: a text",
                            tokens,
                            Optional.of(new TextSplits.Part(tokens, tokens.size())),
                            Optional.empty(),
                            OptionalDouble.empty(),
                            tokenizer),
                    16);
        }

        private static ModelSpec gpt() {
            return spec(
                    """
                    {"format": "residuum/1", "name": "killed-text",
                     "input": {"type": "tokens", "length": 16, "vocabulary": %1$d},
                     "network": {"type": "gpt", "vocabulary": %1$d, "width": 16, "depth": 2,
                                 "heads": 2, "dropout": 0.1}}
                    """
                            .formatted(CharTokenizer.of(TEXT).vocabulary()));
        }

        private static ModelSpec spec(String json) {
            return SpecJson.standard().parse(json, "killed", ModelSpec.class);
        }
    }

    @ParameterizedTest
    @CsvSource({"MXNET, images, 0", "PYTORCH, images, 1", "MXNET, text, 2", "PYTORCH, text, 3"})
    void endsAsIfNobodyHadKilledIt(EngineChoice engine, String task, int number) throws Exception {
        int kills = (KILLS + CASES - 1 - number) / CASES;
        System.out.printf("%s, %s: %d kills, residuum.seed=%d%n", engine, task, kills, SEED);
        SplittableRandom random = new SplittableRandom(SEED + number);
        Path whole = temp.resolve("whole");
        long longest = train(engine, task, whole, Long.MAX_VALUE).orElseThrow();
        int done = 0;
        for (int run = 0; done < kills; run++) {
            Path folder = temp.resolve("killed" + run);
            while (done < kills
                    && train(engine, task, folder, random.nextLong(longest)).isEmpty()) {
                done++;
            }
            if (done == kills) {
                assertTrue(train(engine, task, folder, Long.MAX_VALUE).isPresent());
            }
            assertSame(whole, folder, "after kill " + done);
        }
    }

    /**
     * Returns how many milliseconds training took, without the start of the process; empty if the
     * process was killed, some milliseconds after training began.
     */
    private OptionalLong train(EngineChoice engine, String task, Path folder, long millis)
            throws Exception {
        Path errors = temp.resolve("err.txt");
        Process process =
                Programs.of(Training.class, engine.name(), task, folder.toString())
                        .redirectError(errors.toFile())
                        .start();
        try (var out = process.inputReader()) {
            assertEquals("trains", out.readLine(), () -> read(errors));
            long start = System.nanoTime();
            if (!process.waitFor(millis, TimeUnit.MILLISECONDS)) {
                process.destroyForcibly().waitFor();
                return OptionalLong.empty();
            }
            assertEquals(0, process.exitValue(), () -> read(errors));
            return OptionalLong.of((System.nanoTime() - start) / 1_000_000);
        } finally {
            process.destroyForcibly();
        }
    }

    private static void assertSame(Path whole, Path killed, String when) throws IOException {
        for (String file : List.of("checkpoint-last.safetensors", "model.safetensors")) {
            assertArrayEquals(
                    Files.readAllBytes(whole.resolve(file)),
                    Files.readAllBytes(killed.resolve(file)),
                    file + " " + when);
        }
        try (Stream<Path> files = Files.list(killed)) {
            assertEquals(
                    List.of(),
                    files.filter(f -> f.toString().endsWith(".tmp")).toList(),
                    "files that a killed process was writing");
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }
}

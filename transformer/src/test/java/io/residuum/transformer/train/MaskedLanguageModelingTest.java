package io.residuum.transformer.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.engine.EngineChoice;
import io.residuum.loss.Target;
import io.residuum.model.Network;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.train.BatchSource;
import io.residuum.train.EvaluationResult;
import io.residuum.train.ProgressListener;
import io.residuum.train.Recipe;
import io.residuum.train.RunFolder;
import io.residuum.train.Trainer;
import io.residuum.train.TrainingException;
import io.residuum.transformer.text.SpecialTokens;
import io.residuum.transformer.text.TextSplits;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MaskedLanguageModelingTest {
    private static final TextSplits RUNS = Small.runs();
    private static final int IDS = MaskedLanguageModeling.vocabulary(RUNS.tokenizer());

    @TempDir private Path temp;

    @Test
    void gapsAreAsManyAndOfTheKindsThatBertHas() {
        int mask = 99;
        int begin = 97;
        SpecialTokens special =
                new SpecialTokens(
                        OptionalInt.of(begin),
                        OptionalInt.of(98),
                        OptionalInt.empty(),
                        OptionalInt.of(mask),
                        OptionalInt.empty());
        int[][] rows = new int[200][500];
        for (int[] row : rows) {
            Arrays.setAll(row, i -> i == 0 ? begin : i % 90);
        }
        SplittableRandom random = new SplittableRandom(1);
        TokenBatch batch = new Masking(0.15, mask, 90).batch(rows, special, row -> random);
        double asked = 0;
        double masked = 0;
        double kept = 0;
        for (int i = 0; i < batch.ids().length; i++) {
            int token = rows[i / 500][i % 500];
            if (batch.labels()[i] == Target.IGNORED) {
                assertEquals(token, batch.ids()[i]);
                continue;
            }
            assertEquals(token, batch.labels()[i]);
            assertNotEquals(begin, token);
            asked++;
            masked += batch.ids()[i] == mask ? 1 : 0;
            kept += batch.ids()[i] == token ? 1 : 0;
        }
        assertEquals(0.15, asked / (200 * 499), 0.004);
        assertEquals(0.8, masked / asked, 0.015);
        // One token at random of 90 is the one that was there.
        assertEquals(0.1 + 0.1 / 90, kept / asked, 0.012);
        assertEquals(200 * 500, batch.samples());
    }

    @Test
    void gapsFollowFromSeedEpochAndBatch() {
        Recipe recipe = Small.recipe().stepsPerEpoch(2).seed(3).build();
        MaskedLanguageModeling task = MaskedLanguageModeling.on(RUNS, 16);
        long[] first = ids(task, recipe, 1, 0);
        assertArrayEquals(first, ids(task, recipe, 1, 0));
        assertNotEquals(Arrays.toString(first), Arrays.toString(ids(task, recipe, 1, 1)));
        assertNotEquals(Arrays.toString(first), Arrays.toString(ids(task, recipe, 2, 0)));
        Recipe other = recipe.with().seed(4).build();
        assertNotEquals(Arrays.toString(first), Arrays.toString(ids(task, other, 1, 0)));
    }

    @Test
    void anEpochWithoutAGapIsRefused() {
        MaskedLanguageModeling task = MaskedLanguageModeling.on(RUNS, 3);
        Recipe recipe =
                LongStream.range(0, 100)
                        .mapToObj(seed -> Small.recipe().seed(seed))
                        .map(some -> some.epochs(1).batch(1).stepsPerEpoch(1).build())
                        .filter(some -> labels(task, some).allMatch(l -> l == Target.IGNORED))
                        .findFirst()
                        .orElseThrow();
        EngineChoice engine = Engines.all().get(0);
        try (Network network =
                Network.create(Small.bert(IDS, "\"maskedLm\""), Engines.backend(engine), 1)) {
            Trainer trainer =
                    new Trainer(network, recipe, task, temp.resolve("none"), ProgressListener.NONE);
            TrainingException e = assertThrows(TrainingException.class, trainer::start);
            assertTrue(String.valueOf(e.getMessage()).contains("3 samples of epoch 1 have none"));
        }
    }

    private static IntStream labels(MaskedLanguageModeling task, Recipe recipe) {
        try (BatchSource source = task.trainingBatches(Small.bert(IDS, "\"maskedLm\""), recipe);
                BatchSource.Epoch batches = source.epoch(1)) {
            return Arrays.stream(((TokenBatch) batches.next()).labels());
        }
    }

    private static long[] ids(MaskedLanguageModeling task, Recipe recipe, int epoch, int batch) {
        try (BatchSource source = task.trainingBatches(Small.bert(IDS, "\"maskedLm\""), recipe);
                BatchSource.Epoch batches = source.epoch(epoch)) {
            TokenBatch found = (TokenBatch) batches.next();
            for (int i = 0; i < batch; i++) {
                found = (TokenBatch) batches.next();
            }
            return found.ids();
        }
    }

    @EachEngine
    void learnsAndLendsItsEncoderToAClassifier(EngineChoice engine) {
        Recipe recipe =
                Small.recipe()
                        .epochs(1)
                        .stepsPerEpoch(150)
                        .learningRate(3e-3)
                        .warmupEpochs(0.1)
                        .batch(16)
                        .build();
        RunFolder folder = new RunFolder(temp.resolve("gaps"));
        MaskedLanguageModeling task = MaskedLanguageModeling.on(RUNS, 24);
        double before;
        try (Network network =
                Network.create(Small.bert(IDS, "\"maskedLm\""), Engines.backend(engine), 1)) {
            before = loss(task.evaluate(network, 8));
            new Trainer(network, recipe, task, folder.path(), ProgressListener.NONE).start();
        }
        try (Network network = Network.load(folder.model(), Engines.backend(engine))) {
            double after = loss(task.evaluate(network, 8));
            assertTrue(after < before * 0.75, before + " -> " + after);
            // The same gaps, however many windows are looked at together.
            assertEquals(after, loss(task.evaluate(network, 3)), 1e-5);

            float[] learned = values(network, "blocks.1.mlp.branch.up.weight");
            network.resetHead(2, 0);
            assertArrayEquals(learned, values(network, "blocks.1.mlp.branch.up.weight"));
            TextClassification next = TextClassification.on(Small.frogs(), Small.letters(), 24);
            assertTrue(Small.letters().vocabulary() <= IDS);
            next.requireFitting(network);
            Recipe tuning = Small.recipe().epochs(1).stepsPerEpoch(2).build();
            Path tuned = temp.resolve("tuned");
            new Trainer(network, tuning, next, tuned, ProgressListener.NONE).start();
            assertNotEquals(
                    Arrays.toString(learned),
                    Arrays.toString(values(network, "blocks.1.mlp.branch.up.weight")));
        }
    }

    private static double loss(EvaluationResult found) {
        return Objects.requireNonNull(found.score().loss());
    }

    private static float[] values(Network network, String path) {
        return Objects.requireNonNull(network.parameters().get(path)).getArray().toFloatArray();
    }
}

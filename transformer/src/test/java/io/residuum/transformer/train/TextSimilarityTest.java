package io.residuum.transformer.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.engine.EngineChoice;
import io.residuum.loss.CosineSimilarityLoss;
import io.residuum.loss.GroupedLoss;
import io.residuum.loss.InfoNceLoss;
import io.residuum.loss.LossSpec;
import io.residuum.loss.TripletLoss;
import io.residuum.model.Network;
import io.residuum.nn.Layer;
import io.residuum.spec.ModelSpec;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.train.BatchSource;
import io.residuum.train.EvaluationResult;
import io.residuum.train.Metrics;
import io.residuum.train.ProgressListener;
import io.residuum.train.Recipe;
import io.residuum.train.RunFolder;
import io.residuum.train.Trainer;
import io.residuum.train.TrainingException;
import io.residuum.transformer.predict.TextEmbedder;
import io.residuum.transformer.text.CharTokenizer;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.transformer.text.encode.Prompts;
import io.residuum.transformer.text.pairs.TextTuple;
import io.residuum.transformer.text.pairs.TextTupleSplits;
import io.residuum.transformer.text.pairs.TextTuples;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextSimilarityTest {
    private static final Tokenizer LETTERS =
            CharTokenizer.of("abcdefghijklmnopqrstuvwxyz:").withUnknown();
    private static final Prompts PROMPTS =
            new Prompts(Map.of("query", "q:", "document", "d:", "both", "b:"), "both");

    @TempDir private Path temp;

    /**
     * Words of two letters. What belongs together is the same word backwards, twice; it is what
     * does not in triplets and by scores, which a random network finds near.
     */
    private static TextTuples words(int from, int to, int width, boolean scored) {
        List<TextTuple> tuples = new ArrayList<>();
        for (int i = from; i < to; i++) {
            String word = word(i);
            String other = new StringBuilder(word + word).reverse().toString();
            String negative = word((i + 7) % 400);
            if (scored) {
                boolean alike = i % 2 == 0;
                tuples.add(
                        new TextTuple(List.of(word, alike ? other : negative), alike ? 0.1 : 0.9));
            } else {
                tuples.add(
                        width == 2
                                ? new TextTuple(word, other)
                                : new TextTuple(word, negative, other));
            }
        }
        return new TextTuples(tuples);
    }

    private static String word(int i) {
        return "" + (char) ('a' + i % 20) + (char) ('a' + i / 20 % 20);
    }

    private static TextTupleSplits splits(int width, boolean scored) {
        return new TextTupleSplits(
                "words",
                words(0, 160, width, scored),
                Optional.of(words(320, 350, width, scored)),
                Optional.empty(),
                OptionalDouble.empty());
    }

    private static TextSimilarity task(int width, boolean scored) {
        return TextSimilarity.on(splits(width, scored), LETTERS, 24, PROMPTS);
    }

    private static ModelSpec spec(String head) {
        return Small.bert(LETTERS.vocabulary(), head);
    }

    private static Network network(EngineChoice engine) {
        return Network.create(spec("{\"type\": \"embedding\"}"), Engines.backend(engine), 1);
    }

    private static double measure(EvaluationResult result, String name) {
        return result.measures().stream()
                .filter(m -> m.name().equals(name))
                .findFirst()
                .orElseThrow()
                .value();
    }

    private static Recipe recipe(int epochs) {
        return Small.recipe().batch(16).epochs(epochs).learningRate(3e-3).build();
    }

    @EachEngine
    void anchorsLearnToFindTheirPositives(EngineChoice engine) {
        TextSimilarity task = task(2, false);
        RunFolder folder = new RunFolder(temp.resolve("run"));
        try (Network network = network(engine)) {
            double before = measure(task.evaluate(network, 32), "recall@1");
            new Trainer(network, recipe(3), task, folder.path(), ProgressListener.NONE).start();
            network.loadWeights(folder.model());
            EvaluationResult after = task.evaluate(network, 32);
            assertTrue(measure(after, "recall@1") > before + 0.3, before + " " + after.measures());
            // Evaluation embeds as the saved run does, with the same prompts.
            String word = word(330);
            float[] expected;
            try (TextEmbedder embedder = TextEmbedder.of(network, LETTERS)) {
                expected = embedder.withPrompt("q:").embed(word);
            }
            try (TextEmbedder saved =
                    TextEmbedder.open(folder.path().toString(), network.backend())) {
                assertEquals("b:", saved.prompt());
                assertArrayEquals(expected, saved.forQueries().embed(word), 1e-5f);
            }
        }
    }

    @Test
    void aResumedRunIsTheSame() {
        TextSimilarity task = task(3, false);
        EngineChoice engine = Engines.all().get(0);
        List<List<Double>> losses = new ArrayList<>();
        for (boolean pause : new boolean[] {false, true}) {
            RunFolder folder = new RunFolder(temp.resolve("run" + pause));
            Recipe recipe = recipe(2).with().stepsPerEpoch(3).build();
            try (Network network = network(engine)) {
                Trainer trainer =
                        new Trainer(network, recipe, task, folder.path(), ProgressListener.NONE);
                if (pause) {
                    trainer.stopAfter(1);
                }
                trainer.start();
            }
            if (pause) {
                try (Network network = network(engine)) {
                    new Trainer(network, recipe, task, folder.path(), ProgressListener.NONE)
                            .resume();
                }
            }
            List<Double> found = new ArrayList<>();
            for (Metrics line : folder.readMetrics()) {
                if (line instanceof Metrics.Epoch epoch) {
                    found.add(epoch.trainLoss());
                    epoch.measures().forEach(m -> found.add(m.value()));
                }
            }
            losses.add(found);
        }
        assertEquals(losses.get(0), losses.get(1));
        assertEquals(2 * (1 + 5), losses.get(0).size());
    }

    @Test
    void scoredPairsAndTripletsLearnToo() {
        EngineChoice engine = Engines.all().get(0);
        try (Network network = network(engine)) {
            TextSimilarity task = task(2, true);
            double before = measure(task.evaluate(network, 32), "Spearman");
            new Trainer(network, recipe(2), task, temp.resolve("a"), ProgressListener.NONE).start();
            double after = measure(task.evaluate(network, 32), "Spearman");
            assertTrue(after > before + 0.2, before + " " + after);
        }
        try (Network network = network(engine)) {
            TextSimilarity task = task(3, false);
            Recipe triplet =
                    recipe(2).with().losses(Map.of(Layer.OUTPUT, new TripletLoss(1, 0.5))).build();
            double before = measure(task.evaluate(network, 32), "triplet accuracy");
            new Trainer(network, triplet, task, temp.resolve("b"), ProgressListener.NONE).start();
            double after = measure(task.evaluate(network, 32), "triplet accuracy");
            assertTrue(after > before + 0.2, before + " " + after);
        }
    }

    @Test
    void aBatchHoldsNoTextTwice() {
        List<TextTuple> tuples = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            tuples.add(new TextTuple(word(i % 10), word(100 + i)));
        }
        TextTupleSplits data =
                new TextTupleSplits(
                        "words",
                        new TextTuples(tuples),
                        Optional.empty(),
                        Optional.empty(),
                        OptionalDouble.of(0));
        TextSimilarity task = TextSimilarity.on(data, LETTERS, 24, Prompts.NONE);
        Set<List<Long>> seen = new HashSet<>();
        try (BatchSource source =
                        task.trainingBatches(
                                spec("{\"type\": \"embedding\"}"),
                                recipe(1).with().batch(8).build());
                BatchSource.Epoch epoch = source.epoch(1)) {
            assertEquals(5, source.batches());
            for (int b = 0; b < 5; b++) {
                TokenBatch rows = ((TupleBatch) epoch.next()).tokens();
                Set<List<Long>> own = new HashSet<>();
                for (int row = 0; row < rows.rows(); row++) {
                    int from = row * rows.length();
                    List<Long> text = new ArrayList<>();
                    for (int i = from; i < from + rows.length(); i++) {
                        text.add(rows.ids()[i]);
                    }
                    // The last batch takes what is left.
                    assertTrue(own.add(text) || b == 4, "batch " + b);
                    if (row % 2 == 1) {
                        assertTrue(seen.add(text), "each pair comes once");
                    }
                }
            }
        }
        assertEquals(40, seen.size());
    }

    @Test
    void theRecipeSaysWhatIsLearned() {
        Recipe pairs = task(2, false).completed(recipe(1));
        LossSpec usual = new InfoNceLoss(1, 0.05, false);
        assertEquals(Map.of("output", new GroupedLoss(2, usual)), pairs.losses());
        assertEquals("recall@1", pairs.best().measure());
        assertEquals(pairs, task(2, false).completed(pairs), "a resumed run");
        Recipe scored = task(2, true).completed(recipe(1));
        assertEquals(
                Map.of("output", new GroupedLoss(2, new CosineSimilarityLoss(1))), scored.losses());
        assertEquals("Spearman", scored.best().measure());
        refused("must read it", task(2, true), Map.of("output", usual));
        refused("needs scores", task(2, false), Map.of("output", new CosineSimilarityLoss(1)));
        refused("group 3 rows", task(3, false), Map.of("output", new GroupedLoss(2, usual)));
        refused("needs one loss", task(2, false), Map.of("a", usual, "b", usual));
        TrainingException e =
                assertThrows(
                        TrainingException.class,
                        () ->
                                task(2, false)
                                        .completed(recipe(1).with().labelSmoothing(0.1).build()));
        assertTrue(e.getMessage().contains("labelSmoothing"), e.getMessage());
        e =
                assertThrows(
                        TrainingException.class,
                        () ->
                                task(2, false)
                                        .trainingBatches(
                                                spec("\"none\""),
                                                recipe(1).with().batch(161).build()));
        assertTrue(e.getMessage().contains("pairs to train on, 160, got 161"), e.getMessage());
        try (Network network =
                Network.create(spec("\"none\""), Engines.backend(Engines.all().get(0)), 1)) {
            e = assertThrows(TrainingException.class, () -> task(2, false).requireFitting(network));
            assertTrue(e.getMessage().contains("head embedding"), e.getMessage());
        }
        assertEquals(
                List.of("380 of 380 texts have more than 3 tokens, and their ends are cut"),
                TextSimilarity.on(splits(2, false), LETTERS, 3, PROMPTS).notes());
    }

    private static void refused(String part, TextSimilarity task, Map<String, LossSpec> losses) {
        TrainingException e =
                assertThrows(
                        TrainingException.class,
                        () -> task.completed(recipe(1).with().losses(losses).build()));
        assertTrue(e.getMessage().contains(part), e.getMessage());
    }
}

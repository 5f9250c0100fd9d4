package io.residuum.transformer.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.residuum.data.DataException;
import io.residuum.engine.EngineChoice;
import io.residuum.metric.Measure;
import io.residuum.model.Network;
import io.residuum.spec.SpecException;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.train.BatchSource;
import io.residuum.train.BatchTransform;
import io.residuum.train.EvaluationResult;
import io.residuum.train.Metrics;
import io.residuum.train.ProgressListener;
import io.residuum.train.Recipe;
import io.residuum.train.RunFolder;
import io.residuum.train.Score;
import io.residuum.train.Trainer;
import io.residuum.train.Trainer.Outcome;
import io.residuum.train.TrainingBatch;
import io.residuum.train.TrainingException;
import io.residuum.train.TrainingStep;
import io.residuum.transformer.generate.Generator;
import io.residuum.transformer.generate.Sampling;
import io.residuum.transformer.text.CharTokenizer;
import io.residuum.transformer.text.TextSplits;
import io.residuum.transformer.text.TokenStream;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.transformer.text.Tokenizers;
import io.residuum.weights.Safetensors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LanguageModelingTest {
    private record OfImages() implements BatchTransform {}

    private static final TextSplits KEYS = Small.keys();
    private static final int VOCABULARY = KEYS.tokenizer().vocabulary();

    @TempDir private Path temp;

    @EachEngine
    void learnsATextByHeart(EngineChoice engine) throws Exception {
        Recipe recipe = Small.recipe().epochs(3).stepsPerEpoch(60).build();
        RunFolder folder = new RunFolder(temp.resolve("run"));
        try (Network network = network(engine, 0)) {
            LanguageModeling task =
                    LanguageModeling.on(KEYS, network.spec())
                            .writing(trained -> List.of("<" + greedy(trained) + ">"));
            Trainer.Result result =
                    new Trainer(network, recipe, task, folder.path(), ProgressListener.NONE)
                            .start();
            Score best = Objects.requireNonNull(result.best());
            assertTrue(Objects.requireNonNull(best.loss()) < 0.1, best.toString());
        }
        List<Metrics> lines = folder.readMetrics();
        Metrics.Epoch last =
                (Metrics.Epoch)
                        lines.stream()
                                .filter(m -> m instanceof Metrics.Epoch && m.epoch() == 3)
                                .findFirst()
                                .orElseThrow();
        assertTrue(last.trainLoss() < 0.2, lines.toString());
        List<String> samples =
                lines.stream()
                        .filter(m -> m instanceof Metrics.Sample)
                        .map(m -> ((Metrics.Sample) m).text())
                        .toList();
        assertEquals(3, samples.size());
        assertEquals("<" + Small.KEYS.substring(8, 24) + ">", samples.get(2));
        String report = Files.readString(folder.report());
        for (String part : List.of("Perplexity", "Bits per character", "Epoch 3", "Tokens per")) {
            assertTrue(report.contains(part), part);
        }
        assertTrue(!report.contains("ccuracy"), "a language model is not judged by accuracy");
        try (Safetensors saved = Safetensors.open(folder.model());
                Tokenizer tokenizer =
                        Tokenizers.parse(
                                Objects.requireNonNull(saved.metadata().get(Tokenizer.METADATA)))) {
            assertArrayEquals(KEYS.tokenizer().encode(Small.KEYS), tokenizer.encode(Small.KEYS));
        }
    }

    /** Returns the continuation of the first 8 characters of the text. */
    private static String greedy(Network network) {
        StringBuilder text = new StringBuilder(Small.KEYS.substring(0, 8));
        while (text.length() < 24) {
            String seen = text.substring(Math.max(0, text.length() - 16));
            long[] ids = Arrays.stream(KEYS.tokenizer().encode(seen)).asLongStream().toArray();
            try (NDManager manager = network.backend().newManager()) {
                float[] logits =
                        network.predict(new NDList(manager.create(ids, new Shape(1, ids.length))))
                                .toFloatArray();
                int from = logits.length - VOCABULARY;
                int best = 0;
                for (int c = 0; c < VOCABULARY; c++) {
                    best = logits[from + c] > logits[from + best] ? c : best;
                }
                text.append(KEYS.tokenizer().decode(best));
            }
        }
        return text.substring(8);
    }

    @EachEngine
    void stoppedAndResumedEndsAsIfNothingHadBeen(EngineChoice engine) throws Exception {
        Recipe recipe = Small.recipe().epochs(3).stepsPerEpoch(4).accumulate(2).seed(5).build();
        Path whole = temp.resolve("whole");
        Path broken = temp.resolve("broken");
        assertEquals(Outcome.FINISHED, run(engine, recipe, whole, 0, false));
        assertEquals(Outcome.STOPPED, run(engine, recipe, broken, 2, false));
        assertEquals(Outcome.FINISHED, run(engine, recipe, broken, 0, true));
        for (String file : List.of("checkpoint-last.safetensors", "model.safetensors")) {
            assertArrayEquals(
                    Files.readAllBytes(whole.resolve(file)),
                    Files.readAllBytes(broken.resolve(file)),
                    file);
        }
    }

    /** With dropout; stops within an epoch, 0 for never. */
    private static Outcome run(
            EngineChoice engine, Recipe recipe, Path folder, int stopIn, boolean resume) {
        List<Trainer> trainer = new ArrayList<>();
        ProgressListener stop =
                new ProgressListener() {
                    @Override
                    public void step(Progress progress) {
                        if (progress.epoch() == stopIn) {
                            trainer.get(0).requestStop();
                        }
                    }
                };
        try (Network network = network(engine, 0.1)) {
            LanguageModeling task = LanguageModeling.on(KEYS, network.spec());
            trainer.add(new Trainer(network, recipe, task, folder, stop));
            return (resume ? trainer.get(0).resume() : trainer.get(0).start()).outcome();
        }
    }

    @EachEngine
    void everyUnseenTokenIsScoredOnce(EngineChoice engine) {
        Tokenizer tokenizer = KEYS.tokenizer();
        TokenStream text = TokenStream.of(Small.KEYS.repeat(2).substring(0, 53), tokenizer);
        TextSplits data = Small.splits("part: 53", KEYS.train(), text, tokenizer);
        try (Network network = network(engine, 0)) {
            LanguageModeling task = LanguageModeling.on(data, network.spec());
            assertEquals(52, task.evaluation().size());
            EvaluationResult few = task.evaluate(network, 2);
            double loss = Objects.requireNonNull(few.score().loss());
            assertEquals(bySlices(network, text), loss, 1e-5);
            EvaluationResult all = task.evaluate(network, 128);
            assertEquals(loss, Objects.requireNonNull(all.score().loss()), 1e-5);
            Measure perplexity = few.measures().get(0);
            assertEquals("perplexity", perplexity.name());
            assertEquals(Math.exp(loss), perplexity.value(), 1e-9);
            Measure bits = few.measures().get(1);
            assertEquals("bits per character", bits.name());
            assertEquals(loss / Math.log(2), bits.value(), 1e-9);
            Measure accuracy = few.measures().get(2);
            assertEquals(Measure.TOKEN_ACCURACY, accuracy.name());
            double predicted = 52 * accuracy.value();
            assertEquals(Math.rint(predicted), predicted, 1e-9, "of 52 tokens");
            assertEquals(20, task.evaluatingAtMost(21).evaluation().size());
        }
    }

    /** The mean loss over windows [0, 16), [16, 32), [32, 48) and the last four behind 12 more. */
    private static double bySlices(Network network, TokenStream text) {
        double sum = 0;
        int[][] windows = {{0, 0}, {16, 0}, {32, 0}, {36, 12}};
        for (int[] window : windows) {
            int[] ids = text.read(window[0], 17);
            try (NDManager manager = network.backend().newManager()) {
                long[] input = Arrays.stream(ids, 0, 16).asLongStream().toArray();
                float[] logits =
                        network.predict(new NDList(manager.create(input, new Shape(1, 16))))
                                .toFloatArray();
                for (int i = window[1]; i < 16; i++) {
                    double all = 0;
                    for (int c = 0; c < VOCABULARY; c++) {
                        all += Math.exp(logits[i * VOCABULARY + c]);
                    }
                    sum += Math.log(all) - logits[i * VOCABULARY + ids[i + 1]];
                }
            }
        }
        return sum / 52;
    }

    @EachEngine
    void stepsKeepNoArrays(EngineChoice engine) {
        Recipe recipe = Small.recipe().stepsPerEpoch(12).labelSmoothing(0.1).build();
        NDManager all = Engines.backend(engine).manager();
        try (Network network = network(engine, 0.1);
                TrainingStep step = new TrainingStep(network, recipe);
                BatchSource source =
                        LanguageModeling.on(KEYS, network.spec())
                                .trainingBatches(network.spec(), recipe);
                BatchSource.Epoch epoch = source.epoch(1)) {
            int afterTwo = 0;
            for (int i = 0; i < source.batches(); i++) {
                try (TrainingBatch batch = epoch.next()) {
                    step.backward(batch, 1);
                }
                step.update(1e-3);
                step.poll(0);
                if (i == 1) {
                    afterTwo = all.getManagedArrays().size();
                }
            }
            assertEquals(afterTwo, all.getManagedArrays().size());
        }
    }

    @EachEngine
    void samplesFollowFromTheirSeedAndLeaveNothingBehind(EngineChoice engine) {
        NDManager all = Engines.backend(engine).manager();
        Generator.Settings settings = Generator.Settings.DEFAULT.with(Sampling.PLAIN, 20);
        try (Network network = network(engine, 0.1)) {
            LanguageModeling task = LanguageModeling.on(KEYS, network.spec());
            LanguageModeling writing = task.writing("qwe", settings);
            List<String> first = writing.samples(network);
            writing.evaluate(network, 4);
            int before = all.getManagedArrays().size();
            assertEquals(first, writing.samples(network));
            writing.evaluate(network, 4);
            assertEquals(before, all.getManagedArrays().size());
            assertEquals(1, first.size());
            assertTrue(first.get(0).startsWith("qwe"), first.get(0));
            assertEquals(23, first.get(0).length());
            Generator.Settings other = settings.with(Sampling.PLAIN.withSeed(1), 20);
            assertNotEquals(first, task.writing("qwe", other).samples(network));
        }
    }

    @Test
    void aBatchHasAtMostAnArrayOfTokens() {
        Recipe recipe = Recipe.builder().batch(1 << 28).build();
        TrainingException e =
                assertThrows(
                        TrainingException.class,
                        () ->
                                WindowBatches.open(
                                        100,
                                        15,
                                        recipe,
                                        (epoch, batch) -> {
                                            throw new AssertionError();
                                        }));
        assertEquals(
                "a batch must have at most 2147483647 tokens, got 268435456 windows of 16: set a"
                        + " smaller batch (--batch)",
                e.getMessage());
    }

    @Test
    void promptsThatCannotBeReadAreRefusedBeforeTraining() {
        LanguageModeling task = LanguageModeling.on(KEYS, 16);
        Generator.Settings settings = Generator.Settings.DEFAULT;
        for (String prompt : List.of("", "qwertyuiop[asdfgh")) {
            assertMessage(
                    "1 to 16 tokens", SpecException.class, () -> task.writing(prompt, settings));
        }
        assertMessage("'Q'", DataException.class, () -> task.writing("Q", settings));
    }

    @Test
    void anEpochIsAsLongAsTheTextUnlessTheRecipeSays() {
        Recipe recipe = Small.recipe().batch(4).build();
        LanguageModeling task = LanguageModeling.on(KEYS, 16);
        try (BatchSource source = task.trainingBatches(Small.gpt(VOCABULARY, 0), recipe)) {
            assertEquals(KEYS.train().size() / 64, source.batches());
        }
        Recipe steps = recipe.with().stepsPerEpoch(1000).accumulate(3).build();
        try (BatchSource source = task.trainingBatches(Small.gpt(VOCABULARY, 0), steps)) {
            assertEquals(3000, source.batches());
        }
    }

    @Test
    void whatCannotLearnIsSaidInOneLine() {
        EngineChoice engine = Engines.all().get(0);
        TokenStream few = TokenStream.of("qwertyuiop[", KEYS.tokenizer());
        assertMessage(
                "at least 17 tokens",
                DataException.class,
                () -> LanguageModeling.on(Small.splits("few", few, few, KEYS.tokenizer()), 16));
        TextSplits brief = Small.splits("few", few, few, KEYS.tokenizer());
        assertEquals(10, LanguageModeling.toEvaluate(brief, 16).evaluation().size());
        assertEquals(11, MaskedLanguageModeling.toEvaluate(brief, 16).evaluation().size());
        TokenStream one = TokenStream.of("q", KEYS.tokenizer());
        TextSplits shortest = Small.splits("one", one, one, KEYS.tokenizer());
        assertMessage(
                "a text to evaluate on must have at least 2 tokens, found 1",
                DataException.class,
                () -> LanguageModeling.toEvaluate(shortest, 16));
        try (Network network = network(engine, 0)) {
            Tokenizer more = CharTokenizer.of(Small.KEYS + "XYZ");
            TokenStream text = TokenStream.of(Small.KEYS, more);
            TextSplits data = Small.splits("more", text, text, more);
            LanguageModeling task = LanguageModeling.on(data, 16);
            assertMessage(
                    "its vocabulary is " + VOCABULARY,
                    TrainingException.class,
                    () -> task.requireFitting(network));
            assertMessage(
                    "reads 16",
                    TrainingException.class,
                    () -> LanguageModeling.on(KEYS, 20).requireFitting(network));
            Recipe mixing = Small.recipe().mixing(List.of(new OfImages())).build();
            assertMessage(
                    "apply only to images",
                    TrainingException.class,
                    () -> LanguageModeling.on(KEYS, 16).completed(mixing));
        }
        try (Network seesAll =
                Network.create(
                        Small.bert(VOCABULARY, "\"maskedLm\""), Engines.backend(engine), 0)) {
            assertMessage(
                    "must not see the tokens that it predicts",
                    TrainingException.class,
                    () -> LanguageModeling.on(KEYS, 16).requireFitting(seesAll));
        }
        try (Network pooled =
                Network.create(Small.bert(VOCABULARY, "\"pooler\""), Engines.backend(engine), 0)) {
            assertMessage(
                    "(N, T, " + VOCABULARY + ")",
                    TrainingException.class,
                    () -> LanguageModeling.on(KEYS, 16).requireFitting(pooled));
        }
    }

    private static <E extends RuntimeException> void assertMessage(
            String part, Class<E> type, Runnable action) {
        String message = String.valueOf(assertThrows(type, action::run).getMessage());
        assertTrue(message.contains(part) && !message.contains("\n"), message);
    }

    private static Network network(EngineChoice engine, double dropout) {
        return Network.create(Small.gpt(VOCABULARY, dropout), Engines.backend(engine), 1);
    }
}

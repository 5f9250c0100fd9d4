package io.residuum.transformer.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.engine.EngineChoice;
import io.residuum.metric.Evaluation;
import io.residuum.model.ModelMetadata;
import io.residuum.model.Network;
import io.residuum.testing.EachEngine;
import io.residuum.testing.Engines;
import io.residuum.train.BatchSource;
import io.residuum.train.ProgressListener;
import io.residuum.train.Recipe;
import io.residuum.train.RunFolder;
import io.residuum.train.Trainer;
import io.residuum.train.TrainingException;
import io.residuum.transformer.text.LabelledSplits;
import io.residuum.transformer.text.LabelledTexts;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.weights.Safetensors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextClassificationTest {
    private static final LabelledSplits FROGS = Small.frogs();
    private static final Tokenizer LETTERS = Small.letters();
    private static final String HEAD = "{\"type\": \"classes\", \"count\": 2}";

    @TempDir private Path temp;

    @EachEngine
    void learnsWhichTextsHaveAFrog(EngineChoice engine) throws Exception {
        Recipe recipe = Small.recipe().epochs(5).learningRate(3e-3).build();
        TextClassification task = TextClassification.on(FROGS, LETTERS, 24);
        RunFolder folder = new RunFolder(temp.resolve("frogs"));
        try (Network network = network(engine)) {
            Trainer.Result result =
                    new Trainer(network, recipe, task, folder.path(), ProgressListener.NONE)
                            .start();
            double accuracy =
                    Objects.requireNonNull(Objects.requireNonNull(result.best()).accuracy());
            assertTrue(accuracy > 0.9, result.toString());
            network.loadWeights(folder.model());
            Evaluation evaluation = task.evaluation(network, 8);
            assertEquals(accuracy, evaluation.top1());
            assertEquals(41, evaluation.samples());
        }
        assertTrue(Files.readString(folder.report()).contains("Confusion"));
        try (Safetensors saved = Safetensors.open(folder.model())) {
            ModelMetadata metadata = new ModelMetadata(saved.metadata());
            assertEquals(List.of("none", "frog"), metadata.classNames());
            assertNotNull(saved.metadata().get(Tokenizer.METADATA));
        }
    }

    @Test
    void batchesHoldEveryTextOnceAndLittlePadding() {
        Recipe recipe = Small.recipe().batch(10).build();
        TextClassification task = TextClassification.on(FROGS, LETTERS, 24);
        int padding = 0;
        int labels = 0;
        try (BatchSource source =
                        task.trainingBatches(Small.bert(LETTERS.vocabulary(), HEAD), recipe);
                BatchSource.Epoch epoch = source.epoch(1)) {
            assertEquals(20, source.batches());
            for (int i = 0; i < 20; i++) {
                TokenBatch batch = (TokenBatch) epoch.next();
                assertEquals(10, batch.samples());
                labels += Arrays.stream(batch.labels()).sum();
                float[] mask = batch.mask();
                for (int at = 0; mask != null && at < mask.length; at++) {
                    padding += mask[at] == 0 ? 1 : 0;
                }
            }
        }
        assertEquals(100, labels);
        assertTrue(padding < 200 * 2, padding + " tokens of padding");
    }

    @Test
    void whatIsTooLongIsCut() {
        TokenBatch even =
                TokenBatch.ofTexts(List.of(new int[] {1, 2}, new int[] {3, 4}), new int[2]);
        assertNull(even.mask());
        int[] cut = new TextEncoder(LETTERS, 4).encode("lizard");
        assertArrayEquals(LETTERS.encode("liza"), cut);
    }

    @Test
    void cutTextsAreCounted() {
        assertEquals(List.of(), TextClassification.on(FROGS, LETTERS, 1000).notes());
        // A token is a letter.
        long cut =
                Stream.of(FROGS.train(), FROGS.evaluation())
                        .flatMap(some -> IntStream.range(0, some.size()).mapToObj(some::text))
                        .filter(text -> text.length() > 4)
                        .count();
        assertEquals(
                List.of(cut + " of 241 texts have more than 4 tokens, and their ends are cut"),
                TextClassification.on(FROGS, LETTERS, 4).notes());
        assertTrue(new TextEncoder(LETTERS, 4).cuts("lizard"));
    }

    @Test
    void whatDoesNotFitIsSaidInOneLine() {
        EngineChoice engine = Engines.all().get(0);
        TextClassification task = TextClassification.on(FROGS, LETTERS, 24);
        try (Network network = network(engine)) {
            network.resetHead(3, 0);
            TrainingException e =
                    assertThrows(TrainingException.class, () -> task.requireFitting(network));
            assertTrue(String.valueOf(e.getMessage()).contains("2 classes"), e.getMessage());
        }
        Recipe large = Small.recipe().batch(201).build();
        TrainingException e =
                assertThrows(
                        TrainingException.class,
                        () -> task.trainingBatches(Small.bert(LETTERS.vocabulary(), HEAD), large));
        assertTrue(String.valueOf(e.getMessage()).contains("200, got 201"), e.getMessage());
    }

    @Test
    void textsOfOneLengthNeedNoUnseenPart() {
        List<String> texts = List.of("frog", "toad", "frog", "newt");
        LabelledTexts train =
                new LabelledTexts(texts, new int[] {1, 0, 1, 0}, List.of("none", "frog"));
        LabelledSplits data =
                new LabelledSplits(
                        "words", train, Optional.empty(), Optional.empty(), OptionalDouble.of(0));
        try (Network network = network(Engines.all().get(0))) {
            TextClassification.on(data, LETTERS, 4).requireFitting(network);
        }
    }

    private static Network network(EngineChoice engine) {
        return Network.create(Small.bert(LETTERS.vocabulary(), HEAD), Engines.backend(engine), 1);
    }
}

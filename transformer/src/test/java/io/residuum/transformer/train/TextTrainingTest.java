package io.residuum.transformer.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.data.DataException;
import io.residuum.data.Parts;
import io.residuum.engine.EngineChoice;
import io.residuum.model.ModelSource;
import io.residuum.spec.SpecException;
import io.residuum.testing.Engines;
import io.residuum.train.ProgressListener;
import io.residuum.train.Recipe;
import io.residuum.train.Trainer;
import io.residuum.train.plan.ClassMatch;
import io.residuum.train.plan.TrainingPlan;
import io.residuum.transformer.family.TextOutput;
import io.residuum.transformer.text.PlainText;
import io.residuum.transformer.text.TextSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextTrainingTest {
    private static final Recipe RECIPE = Recipe.builder().epochs(1).batch(4).build();

    @TempDir private Path folder;
    private String bert;
    private String gpt;
    private Path text;

    @BeforeEach
    void write() throws IOException {
        bert = spec("bert", "\"head\": {\"type\": \"maskedLm\"}");
        gpt = spec("gpt", "\"bias\": true");
        text = folder.resolve("plain.txt");
        Files.writeString(text, "a cat sat on a mat. ".repeat(100));
    }

    private String spec(String type, String setting) throws IOException {
        Path file = folder.resolve(type + ".json");
        Files.writeString(
                file,
                """
                {"format": "residuum/1", "name": "tiny",
                 "input": {"type": "tokens", "length": 16, "vocabulary": 99},
                 "network": {"type": "%s", "vocabulary": 99, "width": 8, "depth": 1, "heads": 2, %s}}
                """
                        .formatted(type, setting));
        return file.toString();
    }

    private Path run(TrainingPlan plan, String name) {
        Path run = folder.resolve(name);
        try (plan) {
            Trainer.Result result =
                    plan.run(run, Engines.backend(EngineChoice.PYTORCH), ProgressListener.NONE);
            assertEquals(Trainer.Outcome.FINISHED, result.outcome());
        }
        return run;
    }

    @Test
    void aClassifierGetsVocabularyAndClassesOfTheData() throws IOException {
        Path table = folder.resolve("labelled.csv");
        Files.writeString(table, "text,label\n" + "cab,x\nabc,y\nbca,z\n".repeat(20));
        TrainingPlan plan = TextTraining.classifier(bert, table.toString(), RECIPE);
        assertEquals(3, plan.spec().classes());
        assertEquals("the head: new, for 1 class instead of 3", ClassMatch.newHead(1, 3));
        assertEquals("the head: new, for 3 classes", plan.changes().get(plan.changes().size() - 1));
        assertTrue(plan.changes().get(0).startsWith("the vocabulary: "), plan.changes()::toString);
        Path run = run(plan, "classes");
        try (TrainingPlan again =
                TextTraining.classifier(run.toString(), table.toString(), RECIPE)) {
            assertEquals(List.of(), again.changes());
        }
        String plain = text.toString();
        assertThrows(DataException.class, () -> TextTraining.classifier(bert, plain, RECIPE));
    }

    @Test
    void languageModelsReadTheContextThatIsAsked() throws IOException {
        TextSettings eight = new TextSettings(Optional.empty(), OptionalInt.of(8));
        PlainText source = assertInstanceOf(PlainText.class, TextSource.parse(text.toString()));
        ModelSource decoder = ModelSource.of(gpt);
        TrainingPlan plan = TextTraining.languageModel(decoder, source, RECIPE, eight);
        assertTrue(plan.changes().contains("the context: 8 tokens instead of 16"));
        Path run = run(plan, "gpt");
        TextSettings more = new TextSettings(Optional.empty(), OptionalInt.of(16));
        assertThrows(
                SpecException.class,
                () -> TextTraining.languageModel(ModelSource.of(run), source, RECIPE, more));
        run(
                TextTraining.maskedLanguageModel(ModelSource.of(bert), source, RECIPE, eight),
                "masked");
    }

    @Test
    void anEmbedderGetsAPooling() throws IOException {
        Path pairs = folder.resolve("pairs.csv");
        StringBuilder rows = new StringBuilder("anchor,positive\n");
        for (char c = 'a'; c <= 'z'; c++) {
            rows.append("%1$s,%1$s %1$s\n".formatted(c));
        }
        Files.writeString(pairs, rows);
        Parts parts = Parts.parse("text-pairs", pairs.toString());
        TrainingPlan plan =
                TextTraining.embedder(ModelSource.of(bert), parts, RECIPE, TextSettings.DEFAULT);
        assertEquals(TextOutput.EMBEDDING, TextOutput.of(plan.spec()));
        run(plan, "embedder");
    }

    /** Its child process would else live as long as this one. */
    @Test
    void theTokenizerIsClosedIfTheDataDoesNotFit() throws Exception {
        Path tokenizer = folder.resolve("tokenizer.json");
        // Unknown to the reader of tokenizers, so that a child process opens the file.
        Files.writeString(
                tokenizer,
                """
                {"version": "1.0", "normalizer": null, "pre_tokenizer": null,
                 "post_processor": null, "decoder": null, "model": {"type": "BPE", "dropout": 0.0,
                  "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": ["a b"]}}
                """);
        TextSettings settings = new TextSettings(Optional.of(tokenizer), OptionalInt.empty());
        Path missing = folder.resolve("missing.txt");
        Files.writeString(missing, "ab");
        PlainText source = assertInstanceOf(PlainText.class, TextSource.parse(missing.toString()));
        Files.delete(missing);
        Set<ProcessHandle> before = children();
        assertThrows(
                DataException.class,
                () -> TextTraining.languageModel(ModelSource.of(gpt), source, RECIPE, settings));
        Set<ProcessHandle> after = children();
        after.removeAll(before);
        for (ProcessHandle child : after) {
            child.onExit().get(1, TimeUnit.MINUTES);
        }
    }

    private static Set<ProcessHandle> children() {
        return ProcessHandle.current().children().collect(Collectors.toSet());
    }
}

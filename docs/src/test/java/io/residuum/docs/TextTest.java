package io.residuum.docs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.data.Parts;
import io.residuum.engine.Backend;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.Metrics;
import io.residuum.train.ProgressListener;
import io.residuum.train.Recipe;
import io.residuum.train.RunFolder;
import io.residuum.train.Task;
import io.residuum.train.Trainer;
import io.residuum.transformer.family.LanguageFamily;
import io.residuum.transformer.generate.Generator;
import io.residuum.transformer.generate.Sampling;
import io.residuum.transformer.predict.Embeddings;
import io.residuum.transformer.predict.TextEmbedder;
import io.residuum.transformer.text.CharTokenizer;
import io.residuum.transformer.text.LabelledSplits;
import io.residuum.transformer.text.LabelledText;
import io.residuum.transformer.text.PlainText;
import io.residuum.transformer.text.RandomWindows;
import io.residuum.transformer.text.SequentialWindows;
import io.residuum.transformer.text.TextSource;
import io.residuum.transformer.text.TextSplits;
import io.residuum.transformer.text.TokenFile;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.transformer.text.Tokenizers;
import io.residuum.transformer.text.encode.Prompts;
import io.residuum.transformer.text.pairs.TextTupleSplits;
import io.residuum.transformer.train.LanguageModeling;
import io.residuum.transformer.train.TextSimilarity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The listings of the guide "Text". */
class TextTest {
    @TempDir Path folder;

    @Test
    void aTokenizerIsOpenedAndStored() throws IOException {
        Path place = folder;
        Files.writeString(folder.resolve("vocab.txt"), "[UNK]\n[CLS]\n[SEP]\nto\nbe\n");
        // tag::tokenizer
        try (Tokenizer tokenizer = Tokenizers.open(place)) {
            int[] ids = tokenizer.encode("To be");
            int[] framed = tokenizer.encodeForModel("To be");
            String text = tokenizer.decode(framed);
            Tokenizer again = Tokenizers.parse(tokenizer.json());
            // end::tokenizer
            assertArrayEquals(new int[] {3, 4}, ids);
            assertArrayEquals(new int[] {1, 3, 4, 2}, framed);
            assertEquals("to be", text);
            assertEquals(tokenizer.special(), again.special());
            again.close();
            // tag::tokenizer
        }
        // end::tokenizer
    }

    @Test
    void windowsAreReadFromText() {
        // tag::windows
        PlainText source = (PlainText) TextSource.parse("text");
        TextSplits text = source.open();
        RandomWindows training = new RandomWindows(text.train(), 128, 7);
        long[] batch = training.batch(0, 0, 16); // epoch 0, batch 0: (16, 129)

        SequentialWindows evaluation = new SequentialWindows(text.evaluation().tokens(), 128, 64);
        long[] first = evaluation.batch(0, 16); // windows 0 to 15
        int scored = evaluation.scored(1); // the last 64 predictions of window 1
        // end::windows
        assertEquals(16 * 129, batch.length);
        assertEquals(16 * 129, first.length);
        assertEquals(64, scored);
    }

    @Test
    void aLargeTextIsEncodedOnce() throws IOException {
        Path file = Files.writeString(folder.resolve("large.txt"), "many words\n".repeat(1000));
        Path encoded = folder.resolve("large.tokens");
        // tag::file
        TokenFile.write(file, CharTokenizer.ofFile(file), encoded, bytes -> {});
        TextSplits text = ((PlainText) TextSource.parse("text:" + encoded)).open();
        // end::file
        assertEquals(11_000, text.train().size() + text.evaluation().tokens().size());
    }

    @Test
    void labelledTextsAreRead() throws IOException {
        Path file = folder.resolve("reviews.csv");
        Files.writeString(file, "text,label\n" + "fine,pos\npoor,neg\n".repeat(10));
        // tag::labelled
        LabelledSplits reviews = ((LabelledText) TextSource.parse("labelled:" + file)).open();
        String text = reviews.train().text(0);
        String label = reviews.train().classNames().get(reviews.train().label(0));
        // end::labelled
        assertTrue(text.equals("fine") == label.equals("pos"));
        assertEquals(2, reviews.evaluation().size());
    }

    @Test
    void aLanguageModelIsTrained() throws IOException {
        Path file = folder.resolve("a.txt");
        Files.writeString(file, "the owl flies\nthe train is late\n".repeat(20));
        ModelSpec tiny =
                SpecJson.standard()
                        .parse(
                                """
                                {"format": "residuum/1", "name": "tiny",
                                 "input": {"type": "tokens", "length": 16, "vocabulary": 50},
                                 "network": {"type": "gpt", "vocabulary": 50, "width": 16,
                                             "depth": 1, "heads": 2}}
                                """,
                                "tiny",
                                ModelSpec.class);
        // tag::train
        TextSplits text = ((PlainText) TextSource.parse("text:" + file)).open();
        ModelSpec spec = LanguageFamily.resized(tiny, text.tokenizer().vocabulary());
        LanguageModeling task =
                LanguageModeling.on(text, spec)
                        .writing("the ", Generator.Settings.DEFAULT.with(Sampling.PLAIN, 40));
        Recipe recipe = Recipe.builder().epochs(2).stepsPerEpoch(3).batch(4).build();
        try (Backend backend = Backend.open();
                Network network = Network.create(spec, backend, recipe.seed())) {
            new Trainer(network, recipe, task, folder, ProgressListener.NONE).start();
            double perplexity = task.evaluate(network, 8).measures().get(0).value();
            // end::train
            assertTrue(perplexity > 1 && perplexity < 100);
            // tag::train
        }
        // end::train
        assertEquals(
                2,
                new RunFolder(folder)
                        .readMetrics().stream().filter(m -> m instanceof Metrics.Sample).count());
    }

    private static final Tokenizer LETTERS = CharTokenizer.of("abcdefghijklmnopqrstuvwxyz ");

    private static ModelSpec embedder() {
        String json =
                """
                {"format": "residuum/1", "name": "tiny",
                 "input": {"type": "tokens", "length": 32, "vocabulary": %1$d},
                 "network": {"type": "bert", "vocabulary": %1$d, "width": 8, "depth": 1, "heads": 2,
                   "head": {"type": "embedding"}}}
                """
                        .formatted(LETTERS.vocabulary());
        return SpecJson.standard().parse(json, "tiny", ModelSpec.class);
    }

    @Test
    void embeddingsLearnFromPairs() throws IOException {
        Path file = folder.resolve("pairs.csv");
        StringBuilder rows = new StringBuilder("anchor,positive\n");
        for (char c = 'a'; c <= 'z'; c++) {
            rows.append("%1$s,%1$s %1$s\n".formatted(c));
        }
        Files.writeString(file, rows);
        Tokenizer tokenizer = LETTERS;
        Recipe recipe = Recipe.builder().epochs(1).batch(8).build();
        try (Backend backend = Backend.open();
                Network network = Network.create(embedder(), backend, 1)) {
            // tag::pairs
            TextTupleSplits pairs =
                    TextTupleSplits.open(Parts.parse("text-pairs", file.toString()), 0.1);
            Task task = TextSimilarity.on(pairs, tokenizer, 32, Prompts.NONE);
            new Trainer(network, recipe, task, folder, ProgressListener.NONE).start();
            // end::pairs
            assertEquals(3, pairs.validation().orElseThrow().size());
            assertTrue(Files.exists(new RunFolder(folder).model()));
        }
    }

    @Test
    void textsAreEmbeddedAndSearched() throws IOException {
        Path file = folder.resolve("tiny.safetensors");
        try (Backend backend = Backend.open();
                Network network = Network.create(embedder(), backend, 1)) {
            network.setMetadata(network.metadata().with(Tokenizer.METADATA, LETTERS.json()));
            network.save(file);
        }
        String model = file.toString();
        List<String> passages = List.of("a cat sleeps", "the train is late");
        // tag::embed
        try (TextEmbedder embedder = TextEmbedder.open(model)) {
            Embeddings found = embedder.embed(passages);
            for (Embeddings.Match match : found.nearest(embedder.embed("railway delays"), 3)) {
                System.out.println(match.score() + " " + passages.get(match.index()));
            }
            // end::embed
            assertEquals(2, found.nearest(embedder.embed("railway delays"), 3).size());
            assertEquals(1, found.nearest(embedder.embed(passages.get(1)), 1).get(0).index());
            // tag::embed
        }
        // end::embed
    }
}

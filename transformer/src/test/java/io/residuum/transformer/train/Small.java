package io.residuum.transformer.train;

import io.residuum.optim.OptimizerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.Recipe;
import io.residuum.train.RecipeBuilder;
import io.residuum.transformer.text.CharTokenizer;
import io.residuum.transformer.text.LabelledSplits;
import io.residuum.transformer.text.LabelledTexts;
import io.residuum.transformer.text.TextSplits;
import io.residuum.transformer.text.TokenStream;
import io.residuum.transformer.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/** Texts and networks that train in seconds. */
final class Small {
    /** No character comes twice, so that each says what is next. */
    static final String KEYS = "qwertyuiop[asdfghjkl;zxcvbnm,\n";

    private static final List<String> WORDS =
            List.of("newt", "frog", "bat", "dog", "adder", "owlet", "snake", "lizard");

    private Small() {}

    /** A text that is to be learned by heart. */
    static TextSplits keys() {
        return splits("keys: of a keyboard", KEYS.repeat(10));
    }

    /** A text in which any other character says what is in a gap, and none is more frequent. */
    static TextSplits runs() {
        String text =
                "abcdefghiklnorstwz"
                        .chars()
                        .mapToObj(c -> Character.toString(c).repeat(40))
                        .collect(Collectors.joining());
        return splits("runs: of characters", text.repeat(2));
    }

    private static TextSplits splits(String description, String text) {
        Tokenizer tokenizer = CharTokenizer.of(text);
        TokenStream tokens = TokenStream.of(text, tokenizer);
        return splits(description, tokens, tokens, tokenizer);
    }

    /** A training text and a validation text with one character per token. */
    static TextSplits splits(
            String description, TokenStream train, TokenStream validation, Tokenizer tokenizer) {
        return new TextSplits(
                description,
                train,
                Optional.of(new TextSplits.Part(validation, validation.size())),
                Optional.empty(),
                OptionalDouble.empty(),
                tokenizer);
    }

    static ModelSpec gpt(int vocabulary, double dropout) {
        return parse(
                """
                {"format": "residuum/1", "name": "small-gpt",
                 "input": {"type": "tokens", "length": 16, "vocabulary": %1$d},
                 "network": {"type": "gpt", "vocabulary": %1$d, "width": 32, "depth": 2, "heads": 2,
                             "dropout": %2$s}}
                """
                        .formatted(vocabulary, dropout));
    }

    static ModelSpec bert(int vocabulary, String head) {
        return parse(
                """
                {"format": "residuum/1", "name": "small-bert",
                 "input": {"type": "tokens", "length": 24, "vocabulary": %1$d},
                 "network": {"type": "bert", "vocabulary": %1$d, "width": 32, "depth": 2, "heads": 2,
                             "dropout": 0, "head": %2$s}}
                """
                        .formatted(vocabulary, head));
    }

    private static ModelSpec parse(String json) {
        return SpecJson.standard().parse(json, "small", ModelSpec.class);
    }

    static RecipeBuilder recipe() {
        return Recipe.builder()
                .optimizer(new OptimizerSpec.AdamW(0.9, 0.99, 1e-8, 0.1))
                .batch(8)
                .learningRate(5e-3)
                .clipNorm(1.0);
    }

    /** Lists of words; those with a frog are of one class, all others of another. */
    static LabelledSplits frogs() {
        return new LabelledSplits(
                "frogs: lists of words",
                frogs(200, 1),
                Optional.of(frogs(41, 2)),
                Optional.empty(),
                OptionalDouble.empty());
    }

    private static LabelledTexts frogs(int count, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<String> texts = new ArrayList<>();
        int[] labels = new int[count];
        for (int i = 0; i < count; i++) {
            List<String> words = new ArrayList<>();
            for (int w = 0; w < 1 + random.nextInt(3); w++) {
                words.add(WORDS.get(random.nextInt(WORDS.size())));
            }
            labels[i] = i % 2;
            words.removeIf("frog"::equals);
            if (labels[i] == 1) {
                words.add(random.nextInt(words.size() + 1), "frog");
            }
            texts.add(String.join(" ", words));
        }
        return new LabelledTexts(texts, labels, List.of("none", "frog"));
    }

    /** The class of all texts of {@link #frogs}. */
    static Tokenizer letters() {
        return CharTokenizer.of(String.join(" ", WORDS)).withUnknown();
    }
}

package io.residuum.examples.cli.task;

import io.residuum.examples.cli.options.Output;
import io.residuum.examples.cli.options.TextOptions;
import io.residuum.examples.cli.options.TokenizerOption;
import io.residuum.model.ModelSource;
import io.residuum.optim.OptimizerSpec;
import io.residuum.spec.InputSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.train.Recipe;
import io.residuum.transformer.family.LanguageFamily;
import io.residuum.transformer.text.CharTokenizer;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.transformer.text.Tokenizers;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Tokenizer, vocabulary and context of networks that read text. */
public final class TextSetup {
    private TextSetup() {}

    /** Returns a recipe for fine-tuning an encoder, as in Devlin et al. 2019, Section A.3. */
    static Recipe fineTuning(double learningRate) {
        return Recipe.builder()
                .epochs(3)
                .batch(32)
                .optimizer(new OptimizerSpec.AdamW(0.9, 0.999, 1e-8, 0.01))
                .learningRate(learningRate)
                .warmupEpochs(0.3)
                .clipNorm(1.0)
                .build();
    }

    /** {@return the input of a network, which must read tokens} */
    public static InputSpec.Tokens input(ModelSource model) {
        if (model.spec().input() instanceof InputSpec.Tokens tokens) {
            return tokens;
        }
        throw new SpecException(
                "the network must read tokens to work on text, but %s reads %s"
                        .formatted(model.label(), Output.shape(model.spec().input().batchShape())));
    }

    /**
     * {@return the tokenizer of the option, of the file of the weights or of their folder; empty
     * for random weights, which use the tokenizer of the data}
     *
     * @throws SpecException if the weights have no tokenizer
     */
    static Optional<Tokenizer> tokenizer(ModelSource model, TokenizerOption option) {
        Optional<Tokenizer> asked = option.open();
        Path weights = model.weights().orElse(null);
        if (asked.isPresent() || weights == null) {
            return asked;
        }
        Tokenizer found =
                Tokenizers.of(model)
                        .orElseThrow(
                                () ->
                                        new SpecException(
                                                ("the weights of %s come without a tokenizer (%s);"
                                                                + " give the one of their training"
                                                                + " with --tokenizer")
                                                        .formatted(model.label(), weights)));
        return Optional.of(found);
    }

    /** {@return the tokenizer of a network that is not trained, which needs one} */
    public static Tokenizer required(ModelSource model, TokenizerOption option) {
        return tokenizer(model, option)
                .orElseThrow(
                        () ->
                                new SpecException(
                                        "%s has no tokenizer; give one with --tokenizer, or use a saved model"
                                                .formatted(model.label())));
    }

    /** {@return a tokenizer of the characters of texts, which reads others as unknown} */
    static Tokenizer characters(Stream<String> texts) {
        return CharTokenizer.of(texts.collect(Collectors.joining("\n"))).withUnknown();
    }

    /** {@return the context length in tokens} */
    static int length(ModelSource model, TextOptions options) {
        int most = input(model).length();
        int length = options.context(most);
        if (model.weights().isPresent() && length > most) {
            throw new SpecException(
                    "--context must be at most the %d positions of the weights, got %d"
                            .formatted(most, length));
        }
        return length;
    }

    /**
     * {@return the network, with the vocabulary and context length of the data unless it has
     * weights}
     *
     * @param ids the number of token ids, special tokens included
     * @param changes receives a line per change
     */
    static ModelSpec fitted(ModelSource model, int ids, int length, List<String> changes) {
        if (model.weights().isPresent()) {
            return model.spec();
        }
        InputSpec.Tokens before = input(model);
        ModelSpec spec = LanguageFamily.resized(model.spec(), ids);
        if (before.vocabulary() != ids) {
            changes.add(
                    String.format(
                            Locale.ROOT,
                            "the vocabulary: %,d tokens of the data instead of %,d",
                            ids,
                            before.vocabulary()));
        }
        if (before.length() != length) {
            changes.add("the context: %d tokens instead of %d".formatted(length, before.length()));
            spec = spec.withInput(new InputSpec.Tokens(length, ids));
        }
        return spec;
    }
}

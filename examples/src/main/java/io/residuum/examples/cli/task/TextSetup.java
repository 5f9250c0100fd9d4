package io.residuum.examples.cli.task;

import io.residuum.examples.cli.options.Output;
import io.residuum.examples.cli.options.TextOptions;
import io.residuum.examples.cli.options.TokenizerOption;
import io.residuum.model.ModelSource;
import io.residuum.spec.InputSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.transformer.family.LanguageFamily;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.transformer.text.Tokenizers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What networks that read text have in common when they meet data. */
public final class TextSetup {
    private TextSetup() {}

    /** What a network reads. */
    public static InputSpec.Tokens input(ModelSource model) {
        if (model.spec().input() instanceof InputSpec.Tokens tokens) {
            return tokens;
        }
        throw new SpecException(
                "the network must read tokens to work on text, but %s reads %s"
                        .formatted(model.label(), Output.shape(model.spec().input().batchShape())));
    }

    /**
     * The tokenizer that was asked for, that in the file of the weights, or that in their folder.
     *
     * @return nothing for random weights, which take what the data offer
     * @throws SpecException if weights come without one
     */
    static Optional<Tokenizer> tokenizer(ModelSource model, TokenizerOption option) {
        Optional<Tokenizer> asked = option.open();
        Path weights = model.weights().orElse(null);
        if (asked.isPresent() || weights == null) {
            return asked;
        }
        Tokenizer found =
                model.metadata()
                        .entry(Tokenizer.METADATA)
                        .map(Tokenizers::parse)
                        .or(() -> Tokenizers.find(folder(weights)))
                        .orElseThrow(
                                () ->
                                        new SpecException(
                                                ("the weights of %s come without a tokenizer (%s):"
                                                                + " name the one they were trained"
                                                                + " with by --tokenizer")
                                                        .formatted(model.label(), weights)));
        return Optional.of(found);
    }

    private static Path folder(Path weights) {
        return Files.isDirectory(weights) ? weights : weights.toAbsolutePath().resolveSibling("");
    }

    /** The tokenizer of a network that is used as it is. */
    public static Tokenizer required(ModelSource model, TokenizerOption option) {
        return tokenizer(model, option)
                .orElseThrow(
                        () ->
                                new SpecException(
                                        "%s has no tokenizer: name one by --tokenizer, or give a saved model"
                                                .formatted(model.label())));
    }

    /** How many tokens are read at once. */
    static int length(ModelSource model, TextOptions options) {
        int most = input(model).length();
        int length = options.context(most);
        if (model.weights().isPresent() && length > most) {
            throw new SpecException(
                    "--context must be at most the %d positions that the weights are for, got %d"
                            .formatted(most, length));
        }
        return length;
    }

    /**
     * The network for a tokenizer and a length. Weights that there are decide both; random ones
     * follow.
     *
     * @param ids how many ids the network must know
     * @param changes gets a line for each change
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
                            "the vocabulary: the %,d tokens of the data in place of %,d",
                            ids,
                            before.vocabulary()));
        }
        if (before.length() != length) {
            changes.add("the context: %d tokens in place of %d".formatted(length, before.length()));
            spec = new ModelSpec(spec.name(), new InputSpec.Tokens(length, ids), spec.network());
        }
        return spec;
    }
}

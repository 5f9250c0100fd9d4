package io.residuum.transformer.train;

import io.residuum.model.ModelSource;
import io.residuum.model.OwnedResources;
import io.residuum.nn.Shapes;
import io.residuum.spec.Check;
import io.residuum.spec.InputSpec;
import io.residuum.spec.SpecException;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.transformer.text.Tokenizers;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The tokenizer and the context length for work with a model of text.
 *
 * @param tokenizer the file or folder of the tokenizer, as {@link Tokenizers#open} reads it.
 *     Default: the one of the model; for random weights that of the data
 * @param context the number of tokens that texts are cut to, at least 2. Default: the model's
 *     context
 */
public record TextSettings(Optional<Path> tokenizer, OptionalInt context) {
    /** Every default. */
    public static final TextSettings DEFAULT =
            new TextSettings(Optional.empty(), OptionalInt.empty());

    public TextSettings {
        context.ifPresent(
                n -> Check.that(n >= 2, "the context (--context) must be at least 2, got %s", n));
    }

    /**
     * {@return the input of a model, which must read tokens}
     *
     * @throws SpecException if it reads something else
     */
    public static InputSpec.Tokens input(ModelSource model) {
        if (model.spec().input() instanceof InputSpec.Tokens tokens) {
            return tokens;
        }
        throw new SpecException(
                "the network must read tokens to work on text, but %s reads %s"
                        .formatted(
                                model.label(),
                                Shapes.allSizes(model.spec().input().batchShape().slice(1))));
    }

    /**
     * Opens the tokenizer of these settings, or else of the file of the weights or their folder.
     *
     * @param owned closes the tokenizer
     * @return the tokenizer; empty for random weights, which use the tokenizer of the data
     * @throws SpecException if the weights have no tokenizer
     */
    Optional<Tokenizer> open(ModelSource model, OwnedResources owned) {
        Optional<Tokenizer> opened = open(model);
        opened.ifPresent(tokenizer -> owned.add(tokenizer, Tokenizer::close));
        return opened;
    }

    private Optional<Tokenizer> open(ModelSource model) {
        Optional<Tokenizer> asked = tokenizer.map(Tokenizers::open);
        Path weights = model.weights().orElse(null);
        if (asked.isPresent() || weights == null) {
            return asked;
        }
        return Optional.of(
                Tokenizers.of(model)
                        .orElseThrow(
                                () ->
                                        new SpecException(
                                                "the weights of %s come without a tokenizer (%s); give the one of their training with --tokenizer"
                                                        .formatted(model.label(), weights))));
    }

    /**
     * Opens the tokenizer of a model that is not trained, which needs one.
     *
     * @param owned closes the tokenizer
     * @throws SpecException if there is none
     */
    public Tokenizer require(ModelSource model, OwnedResources owned) {
        return owned.add(require(model), Tokenizer::close);
    }

    /**
     * Opens the tokenizer of a model that is not trained, which needs one.
     *
     * @return the tokenizer, to be closed by the caller
     * @throws SpecException if there is none
     */
    public Tokenizer require(ModelSource model) {
        return open(model)
                .orElseThrow(
                        () ->
                                new SpecException(
                                        "%s has no tokenizer; give one with --tokenizer, or use a saved model"
                                                .formatted(model.label())));
    }

    /**
     * {@return the context length in tokens}
     *
     * @throws SpecException if the weights have fewer positions
     */
    public int length(ModelSource model) {
        int most = input(model).length();
        int length = context.orElse(most);
        if (model.weights().isPresent() && length > most) {
            throw new SpecException(
                    "--context must be at most the %d positions of the weights, got %d"
                            .formatted(most, length));
        }
        return length;
    }
}

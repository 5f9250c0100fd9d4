package io.residuum.transformer.train;

import ai.djl.ndarray.types.Shape;
import io.residuum.model.Network;
import io.residuum.spec.InputSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.train.Recipe;
import io.residuum.train.TrainingException;
import io.residuum.transformer.text.Tokenizer;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** The requirements that all tasks on text share. */
final class TextNetworks {
    private TextNetworks() {}

    /** Returns the input of a network, which must be tokens. */
    static InputSpec.Tokens input(ModelSpec spec) {
        if (spec.input() instanceof InputSpec.Tokens tokens) {
            return tokens;
        }
        throw new TrainingException(
                "the network must read tokens, but the input of %s is %s"
                        .formatted(spec.name(), spec.input()));
    }

    /** Requires one output for training, and a vocabulary that covers all ids. */
    static void requireVocabulary(Network network, int least, Tokenizer tokenizer) {
        network.requireOutputOfOneTarget("training on texts");
        requireIds(network, least, tokenizer);
    }

    /** Requires that the network's vocabulary covers all ids. */
    static void requireIds(Network network, int least, Tokenizer tokenizer) {
        int vocabulary = input(network.spec()).vocabulary();
        if (vocabulary < least) {
            throw new TrainingException(
                    "the network must know the %d ids of the tokenizer (%s), but its vocabulary is %d; use the tokenizer that it was trained with, or train from random weights"
                            .formatted(least, tokenizer, vocabulary));
        }
    }

    /** Requires that the network returns logits for each token, {@code (N, T, vocabulary)}. */
    static void requireTokenLogits(Network network, String fix) {
        int vocabulary = input(network.spec()).vocabulary();
        Shape output = network.outputShape();
        if (output.dimension() != 3 || output.get(2) < vocabulary) {
            throw new TrainingException(
                    "the output of the network must be (N, T, %d), logits for each token, got %s; %s"
                            .formatted(vocabulary, output, fix));
        }
    }

    /** Requires that the network hides padding. */
    static void requireMask(Network network) {
        if (!network.block().sideInputs().contains(TokenBatch.MASK)) {
            throw new TrainingException(
                    "texts of different lengths need a network that reads the side input \"%s\", which hides padding, but %s reads %s: add attention or a masked pool"
                            .formatted(
                                    TokenBatch.MASK,
                                    network.spec().name(),
                                    network.block().sideInputs()));
        }
    }

    /** Returns a line about the texts that are cut; empty if there are none. */
    static Optional<String> cutTexts(TextEncoder encoder, Stream<String> texts) {
        long[] counts = new long[2];
        texts.forEach(
                text -> {
                    counts[0]++;
                    counts[1] += encoder.cuts(text) ? 1 : 0;
                });
        return counts[1] == 0
                ? Optional.empty()
                : Optional.of(
                        String.format(
                                Locale.ROOT,
                                "%,d of %,d texts have more than %,d tokens, and their ends are"
                                        + " cut",
                                counts[1],
                                counts[0],
                                encoder.length()));
    }

    /** Requires that the recipe has no settings for images. */
    static Recipe requireNoImages(Recipe recipe) {
        boolean augments = recipe.augmentation() != null && !recipe.augmentation().isEmpty();
        if (augments || !recipe.mixing().isEmpty()) {
            throw new TrainingException(
                    "augmentation and mixing apply only to images; remove them from the recipe");
        }
        return recipe;
    }
}

package io.residuum.transformer.family;

import io.residuum.spec.Check;
import io.residuum.spec.Family;
import io.residuum.spec.InputSpec;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import java.util.Optional;

/** A family that reads tokens and can change its vocabulary to that of a tokenizer. */
public interface LanguageFamily extends Family {

    /**
     * {@return a new family for another number of token ids}
     *
     * @param vocabulary the new number
     */
    LayerSpec withVocabulary(int vocabulary);

    /**
     * {@return a new family that gives a vector for each text, instead of its head}
     *
     * @param head the layers after the blocks
     * @throws SpecException if the family has no such head
     */
    default LayerSpec withEmbedding(TextEmbedding head) {
        throw new SpecException(
                "%s has no head for embeddings; choose an encoder or a decoder alone"
                        .formatted(getClass().getSimpleName()));
    }

    /** {@return the meaning of the output; empty to decide by its shape} */
    default Optional<TextOutput> output() {
        return Optional.empty();
    }

    /**
     * {@return a new family with a table for a number of learned positions, even if the input is
     * shorter; the family itself if it has no table}
     *
     * @param positions the number of positions
     */
    default LayerSpec withPositions(int positions) {
        return this;
    }

    /**
     * {@return the spec for another number of token ids, or the spec itself if the number is equal}
     *
     * @param spec a network that reads tokens
     * @param vocabulary the new number
     * @throws SpecException if the network is no such family or does not read tokens
     */
    static ModelSpec resized(ModelSpec spec, int vocabulary) {
        Check.that(
                spec.input() instanceof InputSpec.Tokens,
                "the network must read tokens, but the input of %s is %s",
                spec.name(),
                spec.input());
        InputSpec.Tokens tokens = (InputSpec.Tokens) spec.input();
        if (tokens.vocabulary() == vocabulary) {
            return spec;
        }
        if (!(spec.network() instanceof LanguageFamily family)) {
            throw new SpecException(
                    "the vocabulary of %s is %d in its spec and %d in the tokenizer; change the spec"
                            .formatted(spec.name(), tokens.vocabulary(), vocabulary));
        }
        return spec.withInput(new InputSpec.Tokens(tokens.length(), vocabulary))
                .withNetwork(family.withVocabulary(vocabulary));
    }
}

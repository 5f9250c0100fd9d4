package io.residuum.transformer.predict;

import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.model.OwnedResources;
import io.residuum.spec.SpecException;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.transformer.text.Tokenizers;

/** The tokenizer that is stored with a model. */
final class StoredTokenizer {
    private StoredTokenizer() {}

    /**
     * Opens the tokenizer of a network.
     *
     * @param owned closes the tokenizer
     * @throws SpecException if the network has none
     */
    static Tokenizer open(Network network, OwnedResources owned) {
        return owned.add(
                network.metadata()
                        .entry(Tokenizer.METADATA)
                        .map(Tokenizers::parse)
                        .orElseThrow(() -> missing(network.spec().name())),
                Tokenizer::close);
    }

    /**
     * Opens the tokenizer of a model.
     *
     * @param model as in {@link ModelSource#of(String)}
     * @param owned closes the tokenizer
     * @throws SpecException if the model has none
     */
    static Tokenizer open(String model, OwnedResources owned) {
        return open(ModelSource.of(model), owned);
    }

    /** Opens the tokenizer of a model, as {@link #open(String, OwnedResources)}. */
    static Tokenizer open(ModelSource model, OwnedResources owned) {
        return owned.add(
                Tokenizers.of(model).orElseThrow(() -> missing(model.label())), Tokenizer::close);
    }

    private static SpecException missing(String model) {
        return new SpecException(
                ("a text needs a tokenizer, but %s comes without one; open the model as a Network"
                                + " and pass Tokenizers.open(path)")
                        .formatted(model));
    }
}

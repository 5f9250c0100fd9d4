package io.residuum.transformer.predict;

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
     * @param owned closes it
     * @throws SpecException if the network comes without one
     */
    static Tokenizer open(Network network, OwnedResources owned) {
        String json =
                network.metadata()
                        .entry(Tokenizer.METADATA)
                        .orElseThrow(
                                () ->
                                        new SpecException(
                                                ("a text needs a tokenizer, but %s comes without"
                                                     + " one: open the model as a Network, and give"
                                                     + " it with Tokenizers.open(path)")
                                                        .formatted(network.spec().name())));
        return owned.add(Tokenizers.parse(json), Tokenizer::close);
    }
}

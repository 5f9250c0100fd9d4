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
     * @param owned closes the tokenizer
     * @throws SpecException if the network has none
     */
    static Tokenizer open(Network network, OwnedResources owned) {
        String json =
                network.metadata()
                        .entry(Tokenizer.METADATA)
                        .orElseThrow(
                                () ->
                                        new SpecException(
                                                ("a text needs a tokenizer, but %s comes without"
                                                     + " one; open the model as a Network and pass"
                                                     + " Tokenizers.open(path)")
                                                        .formatted(network.spec().name())));
        return owned.add(Tokenizers.parse(json), Tokenizer::close);
    }
}

package io.residuum.serve;

import io.residuum.engine.Backend;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.model.OwnedResources;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.transformer.text.Tokenizers;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A network with the name that clients give, and its tokenizer if it reads texts. */
public final class ServedModel implements AutoCloseable {
    private final String name;
    private final Network network;
    private final @Nullable Tokenizer tokenizer;
    private final @Nullable OwnedResources owned;

    private ServedModel(
            String name,
            Network network,
            @Nullable Tokenizer tokenizer,
            @Nullable OwnedResources owned) {
        this.name = name;
        this.network = network;
        this.tokenizer = tokenizer;
        this.owned = owned;
    }

    /**
     * {@return a model with a network and a tokenizer of the caller}
     *
     * @param name the name in requests
     * @param network the network; the caller closes it
     * @param tokenizer the tokenizer of its training; null for a network that reads no texts. The
     *     caller closes it
     */
    public static ServedModel of(String name, Network network, @Nullable Tokenizer tokenizer) {
        return new ServedModel(name, network, tokenizer, null);
    }

    /**
     * {@return a trained model on the default backend, to be closed by the caller}
     *
     * @param model a saved model, the folder of a run, or a folder with the {@code config.json},
     *     the weights and the tokenizer of another library
     */
    public static ServedModel open(String model) {
        ModelSource source = ModelSource.of(model);
        OwnedResources.requireWeights(source);
        return OwnedResources.build(
                owned -> {
                    Backend backend = owned.add(Backend.open(), Backend::close);
                    Network network = owned.open(source, backend);
                    Optional<Tokenizer> tokenizer = Tokenizers.of(source);
                    tokenizer.ifPresent(t -> owned.add(t, Tokenizer::close));
                    return new ServedModel(source.label(), network, tokenizer.orElse(null), owned);
                });
    }

    /** {@return the name in requests} */
    public String name() {
        return name;
    }

    /** {@return the network} */
    public Network network() {
        return network;
    }

    Optional<Tokenizer> tokenizer() {
        return Optional.ofNullable(tokenizer);
    }

    /** Closes what {@link #open} opened. */
    @Override
    public void close() {
        if (owned != null) {
            owned.close();
        }
    }
}

package io.residuum.transformer.predict;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.residuum.engine.Backend;
import io.residuum.model.Network;
import io.residuum.model.OwnedResources;
import io.residuum.spec.Check;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.SpecException;
import io.residuum.transformer.family.Bert;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.transformer.text.encode.Encoding;
import io.residuum.transformer.text.encode.InputEncoder;
import io.residuum.transformer.text.encode.ModelInput;
import io.residuum.transformer.train.TextEncoder;
import java.util.List;
import java.util.function.Predicate;

/**
 * A network that reads text, with its tokenizer. {@link TextTagger}, {@link QuestionAnswerer},
 * {@link MaskFiller} and {@link Reranker} use it. Safe for use by several threads.
 *
 * <pre>{@code
 * try (TextModel model = TextModel.open("bert-base-NER")) {
 *     System.out.println(new TextTagger(model).tag("Ada lives in London.", Aggregation.SIMPLE));
 * }
 * }</pre>
 */
public final class TextModel implements AutoCloseable {

    /** The default number of inputs in a forward pass. */
    public static final int BATCH = 16;

    private final OwnedResources owned;
    private final Network network;
    private final Tokenizer tokenizer;
    private final InputEncoder encoder;

    private TextModel(OwnedResources owned, Network network, Tokenizer tokenizer) {
        this.owned = owned;
        this.network = network;
        this.tokenizer = tokenizer;
        this.encoder =
                new InputEncoder(tokenizer::template, TextEncoder.of(network, tokenizer).length());
    }

    /**
     * {@return a model with a network and a tokenizer of the caller}
     *
     * @param network a network that reads tokens; the caller closes it
     * @param tokenizer the tokenizer used in training; the caller closes it
     */
    public static TextModel of(Network network, Tokenizer tokenizer) {
        return OwnedResources.build(owned -> new TextModel(owned, network, tokenizer));
    }

    /**
     * {@return a new model on the default backend, to be closed by the caller}
     *
     * @param model a saved model, the folder of a run, or a folder with the {@code config.json},
     *     the weights and the tokenizer of another library
     */
    public static TextModel open(String model) {
        return OwnedResources.build(
                owned ->
                        new TextModel(
                                owned, owned.open(model), StoredTokenizer.open(model, owned)));
    }

    /**
     * {@return a new model on a backend, to be closed by the caller}
     *
     * @param model as for {@link #open(String)}
     * @param backend the backend; the caller closes it
     */
    public static TextModel open(String model, Backend backend) {
        return OwnedResources.build(
                owned ->
                        new TextModel(
                                owned,
                                owned.open(model, backend),
                                StoredTokenizer.open(model, owned)));
    }

    /** {@return the network} */
    public Network network() {
        return network;
    }

    /** {@return the tokenizer} */
    public Tokenizer tokenizer() {
        return tokenizer;
    }

    /** {@return the encoder of texts, which cuts the end of the longest one} */
    public InputEncoder encoder() {
        return encoder;
    }

    Encoding tokens(String text) {
        return tokenizer.tokens(text);
    }

    /** Requires a head of an encoder. */
    void requireHead(Predicate<Bert.Head> fits, String needs) {
        LayerSpec family = network.spec().network();
        Check.that(
                family instanceof Bert bert && fits.test(bert.head()),
                "%s, but %s has another head: choose a model that was trained for it",
                needs,
                network.spec().name());
    }

    /** Receives the output of one input, without padding. */
    interface Row {
        void accept(ModelInput input, NDArray output);
    }

    /** Computes the outputs of inputs, {@code (T, ...)} or {@code (C)} each, in order. */
    void forward(List<ModelInput> inputs, int batch, Row row) {
        Check.positive("batch", batch);
        for (int first = 0; first < inputs.size(); first += batch) {
            List<ModelInput> some = inputs.subList(first, Math.min(first + batch, inputs.size()));
            try (NDManager manager = network.backend().newManager()) {
                NDArray found =
                        network.predict(TextEncoder.inputsOf(manager, some, network))
                                .toType(DataType.FLOAT32, false);
                for (int i = 0; i < some.size(); i++) {
                    row.accept(some.get(i), found.get(i));
                }
            }
        }
    }

    /** Returns the inputs of texts, none of which may be empty. */
    ModelInput input(Encoding... texts) {
        ModelInput input = encoder.encode(texts);
        if (input.size() == 0) {
            throw new SpecException("a text must have at least one token, got an empty text");
        }
        return input;
    }

    /** Closes what this model opened. */
    @Override
    public void close() {
        owned.close();
    }
}

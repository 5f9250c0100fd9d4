package io.residuum.transformer.predict;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.residuum.engine.Backend;
import io.residuum.model.Network;
import io.residuum.model.OwnedResources;
import io.residuum.spec.Check;
import io.residuum.transformer.family.TextOutput;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.transformer.text.encode.Encoding;
import io.residuum.transformer.text.encode.InputEncoder;
import io.residuum.transformer.text.encode.ModelInput;
import io.residuum.transformer.train.TextEncoder;
import java.util.List;

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

    private final int batch;

    private TextModel(OwnedResources owned, Network network, Tokenizer tokenizer) {
        this(owned, network, tokenizer, BATCH);
    }

    private TextModel(OwnedResources owned, Network network, Tokenizer tokenizer, int batch) {
        Check.positive("batch", batch);
        this.owned = owned;
        this.network = network;
        this.tokenizer = tokenizer;
        this.encoder =
                new InputEncoder(tokenizer::template, TextEncoder.of(network, tokenizer).length());
        this.batch = batch;
    }

    /**
     * {@return this model with another batch size}; close one of the two
     *
     * @param value the largest number of inputs in a forward pass, positive
     */
    public TextModel withBatch(int value) {
        return new TextModel(owned, network, tokenizer, value);
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

    /** Requires a network with an output. */
    void require(TextOutput output, String needs) {
        Check.that(
                TextOutput.of(network.spec()) == output,
                "%s, but %s has another head: choose a model that was trained for it",
                needs,
                network.spec().name());
    }

    /** Receives the output of the input with an index. */
    interface Row {
        void accept(int index, NDArray output);
    }

    /**
     * Computes the outputs of inputs in order: {@code (C)} each, or {@code (T, ...)} with padding
     * at the end.
     */
    void forward(List<ModelInput> inputs, Row row) {
        for (int first = 0; first < inputs.size(); first += batch) {
            List<ModelInput> some = inputs.subList(first, Math.min(first + batch, inputs.size()));
            try (NDManager manager = network.backend().newManager()) {
                NDArray found =
                        network.predict(TextEncoder.inputsOf(manager, some, network))
                                .toType(DataType.FLOAT32, false);
                for (int i = 0; i < some.size(); i++) {
                    row.accept(first + i, found.get(i));
                }
            }
        }
    }

    /** Closes what this model opened. */
    @Override
    public void close() {
        owned.close();
    }
}

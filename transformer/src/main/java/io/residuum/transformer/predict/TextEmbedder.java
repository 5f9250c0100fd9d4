package io.residuum.transformer.predict;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.residuum.engine.Backend;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.model.OwnedResources;
import io.residuum.spec.Check;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.SpecException;
import io.residuum.transformer.family.TextEmbedding;
import io.residuum.transformer.family.TextOutput;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.transformer.text.encode.Prompts;
import io.residuum.transformer.train.TextEncoder;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * Embeds texts: computes a vector for each text, such that similar texts have near vectors. Safe
 * for use by several threads.
 *
 * <pre>{@code
 * try (TextEmbedder embedder = TextEmbedder.open("all-MiniLM-L6-v2")) {
 *     List<String> passages = List.of("A cat sleeps.", "The train is late.");
 *     Embeddings found = embedder.embed(passages);
 *     for (Embeddings.Match match : found.nearest(embedder.embed("railway delays"), 1)) {
 *         System.out.println(match.score() + " " + passages.get(match.index()));
 *     }
 * }
 * }</pre>
 *
 * <p>A model is a folder of sentence-transformers, with a {@code modules.json}, or any network with
 * the head {@link TextEmbedding}. A text is cut to the number of tokens that the model reads.
 *
 * <p>The default prompt of a model, such as {@code passage: }, precedes each text. Search with
 * {@link #forQueries} and {@link #forDocuments} if the model has prompts.
 */
public final class TextEmbedder implements AutoCloseable {

    /** The default number of texts in a forward pass. */
    public static final int BATCH = 32;

    /** Tensors of heads in our own files, which embeddings do not need. */
    private static final List<String> OTHER_HEADS =
            List.of(
                    "pooler.*",
                    "maskedLm.*",
                    "classifier.*",
                    "tokenClassifier.*",
                    "spans.*",
                    "discriminator.*",
                    "dense.*",
                    "head.*");

    private final OwnedResources owned;
    private final Network network;
    private final TextEncoder encoder;
    private final String prompt;

    private TextEmbedder(OwnedResources owned, Network network, Tokenizer tokenizer) {
        this(owned, network, tokenizer, Prompts.of(network.metadata()).standard());
    }

    private TextEmbedder(
            OwnedResources owned, Network network, Tokenizer tokenizer, String prompt) {
        requireEmbedder(network.spec());
        this.owned = owned;
        this.network = network;
        this.encoder = TextEncoder.of(network, tokenizer);
        this.prompt = prompt;
    }

    /**
     * {@return true if a network gives a vector for each text, rather than classes or tokens}
     *
     * @param spec the network
     */
    public static boolean isEmbedder(ModelSpec spec) {
        return TextOutput.of(spec) == TextOutput.EMBEDDING;
    }

    private static void requireEmbedder(ModelSpec spec) {
        Check.that(
                isEmbedder(spec),
                "embeddings need a model with a pooling, but %s has none; use a folder of"
                        + " sentence-transformers, or choose a pooling such as mean",
                spec.name());
    }

    /**
     * {@return a model with another head: the encoder or decoder of a model, then a pooling}
     *
     * @param model a model that reads tokens
     * @param head the pooling
     * @throws SpecException if the network has no such head
     */
    public static ModelSource pooled(ModelSource model, TextEmbedding head) {
        ModelSource pooled = model.withNetwork(head.on(model.spec()));
        return pooled.weights().isEmpty()
                ? pooled
                : pooled.withOptions(options -> options.withAllowUnexpected(OTHER_HEADS));
    }

    /**
     * {@return a new embedder with the caller's network and its stored tokenizer, to be closed by
     * the caller}
     *
     * @param network a network with the head {@link TextEmbedding}; the caller closes it
     * @throws SpecException if the network has another head or no tokenizer
     */
    public static TextEmbedder of(Network network) {
        return OwnedResources.build(
                owned -> new TextEmbedder(owned, network, StoredTokenizer.open(network, owned)));
    }

    /**
     * {@return a new embedder with a network and a tokenizer of the caller}
     *
     * @param network as for {@link #of(Network)}
     * @param tokenizer the tokenizer used in training; the caller closes it
     * @throws SpecException if the network has another head
     */
    public static TextEmbedder of(Network network, Tokenizer tokenizer) {
        return OwnedResources.build(owned -> new TextEmbedder(owned, network, tokenizer));
    }

    /**
     * {@return a new embedder on the default backend, to be closed by the caller}
     *
     * @param model a folder of sentence-transformers, or a saved model with the head {@link
     *     TextEmbedding}
     */
    public static TextEmbedder open(String model) {
        return OwnedResources.build(owned -> opened(owned, owned.open(model), model));
    }

    /**
     * {@return a new embedder on a backend, to be closed by the caller}
     *
     * @param model as for {@link #open(String)}
     * @param backend the backend; the caller closes it
     */
    public static TextEmbedder open(String model, Backend backend) {
        return OwnedResources.build(owned -> opened(owned, owned.open(model, backend), model));
    }

    /**
     * {@return a new embedder on a backend with another head, to be closed by the caller}
     *
     * @param model a saved model or a folder of transformers, of an encoder or decoder with any
     *     head
     * @param backend the backend; the caller closes it
     * @param head the pooling
     */
    public static TextEmbedder open(String model, Backend backend, TextEmbedding head) {
        ModelSource source = pooled(ModelSource.of(model), head);
        return OwnedResources.build(owned -> opened(owned, owned.open(source, backend), model));
    }

    private static TextEmbedder opened(OwnedResources owned, Network network, String model) {
        return new TextEmbedder(owned, network, StoredTokenizer.open(model, owned));
    }

    /** {@return the length of a vector} */
    public int width() {
        return Math.toIntExact(network.outputShape().get(1));
    }

    /** {@return the encoder of texts with their prompt} */
    public TextEncoder encoder() {
        return encoder;
    }

    /** {@return the text before each text, empty for none} */
    public String prompt() {
        return prompt;
    }

    /** {@return the prompts of the model} */
    public Prompts prompts() {
        return Prompts.of(network.metadata());
    }

    /**
     * {@return this embedder with another text before each text}; close one of the two
     *
     * @param text the prompt, empty for none, or one of {@link #prompts}
     */
    public TextEmbedder withPrompt(String text) {
        return new TextEmbedder(owned, network, encoder.tokenizer(), text);
    }

    /** {@return this embedder with the model's prompt of queries}; close one of the two */
    public TextEmbedder forQueries() {
        return withPrompt(prompts().query());
    }

    /** {@return this embedder with the model's prompt of documents}; close one of the two */
    public TextEmbedder forDocuments() {
        return withPrompt(prompts().document());
    }

    /** {@return the vector of a text} */
    public float[] embed(String text) {
        return embed(List.of(text)).values();
    }

    /** {@return one vector per text, in order, {@value #BATCH} per forward pass} */
    public Embeddings embed(List<String> texts) {
        return embed(texts, BATCH);
    }

    /**
     * Embeds texts. Texts of similar length share a forward pass, so that there is little padding.
     *
     * @param batch the largest number of texts in a forward pass, positive
     * @return one vector per text, in order
     */
    public Embeddings embed(List<String> texts, int batch) {
        return embed(texts, batch, i -> {});
    }

    /**
     * Embeds texts as {@link #embed(List, int)}, and names those that are cut.
     *
     * @param batch the largest number of texts in a forward pass, positive
     * @param cut receives the index of each text whose end is cut, because it has more tokens with
     *     its prompt than the model reads
     * @return one vector per text, in order
     */
    public Embeddings embed(List<String> texts, int batch, IntConsumer cut) {
        Check.positive("batch", batch);
        List<int[]> ids =
                IntStream.range(0, texts.size())
                        .mapToObj(i -> encoder.encode(prompt + texts.get(i), () -> cut.accept(i)))
                        .toList();
        int[] byLength =
                IntStream.range(0, ids.size())
                        .boxed()
                        .sorted(Comparator.comparingInt(i -> -ids.get(i).length))
                        .mapToInt(Integer::intValue)
                        .toArray();
        float[] values = new float[Math.multiplyExact(ids.size(), width())];
        for (int first = 0; first < byLength.length; first += batch) {
            int end = Math.min(first + batch, byLength.length);
            List<int[]> some =
                    IntStream.range(first, end).mapToObj(i -> ids.get(byLength[i])).toList();
            float[] found = forward(some);
            for (int i = first; i < end; i++) {
                System.arraycopy(
                        found, (i - first) * width(), values, byLength[i] * width(), width());
            }
        }
        return new Embeddings(width(), values);
    }

    /**
     * {@return the number of tokens that the model reads of a text, those of the prompt included}
     */
    public int tokens(String text) {
        return encoder.encode(prompt + text, () -> {}).length;
    }

    private float[] forward(List<int[]> ids) {
        try (NDManager manager = network.backend().newManager()) {
            NDArray found = network.predict(TextEncoder.inputsOf(manager, ids));
            return found.toType(DataType.FLOAT32, false).toFloatArray();
        }
    }

    /** Closes what this embedder opened. */
    @Override
    public void close() {
        owned.close();
    }
}

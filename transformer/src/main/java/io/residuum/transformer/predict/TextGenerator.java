package io.residuum.transformer.predict;

import ai.djl.ndarray.types.DataType;
import io.residuum.engine.Backend;
import io.residuum.model.Network;
import io.residuum.model.OwnedResources;
import io.residuum.transformer.generate.BatchOptions;
import io.residuum.transformer.generate.Continuation;
import io.residuum.transformer.generate.ContinuousBatching;
import io.residuum.transformer.generate.Generator;
import io.residuum.transformer.generate.TextListener;
import io.residuum.transformer.text.Tokenizer;
import java.util.List;
import java.util.Map;

/**
 * Generates text with a language model. Safe for use by several threads.
 *
 * <pre>{@code
 * try (TextGenerator generator = TextGenerator.open("runs/plays")) {
 *     System.out.println("To be" + generator.generate("To be"));
 * }
 * }</pre>
 *
 * <p>A model with an encoder translates: the prompt is the source, the text its translation. {@link
 * Generator} describes sampling and errors.
 */
public final class TextGenerator implements AutoCloseable {
    private final OwnedResources owned;
    private final Generator generator;

    private TextGenerator(OwnedResources owned, Network network, Tokenizer tokenizer) {
        this(owned, new Generator(network, tokenizer));
    }

    private TextGenerator(OwnedResources owned, Generator generator) {
        this.owned = owned;
        this.generator = generator;
    }

    /**
     * {@return a new generator with the caller's network and its stored tokenizer, to be closed by
     * the caller}
     *
     * @param network a language model; the caller closes it
     * @throws io.residuum.spec.SpecException if the network is no language model or has no
     *     tokenizer
     */
    public static TextGenerator of(Network network) {
        return OwnedResources.build(
                owned -> new TextGenerator(owned, network, StoredTokenizer.open(network, owned)));
    }

    /**
     * {@return a new generator with a network and a tokenizer of the caller}
     *
     * @param network a language model; the caller closes it
     * @param tokenizer the tokenizer used in training; the caller closes it
     * @throws io.residuum.spec.SpecException if they do not match
     */
    public static TextGenerator of(Network network, Tokenizer tokenizer) {
        return OwnedResources.build(owned -> new TextGenerator(owned, network, tokenizer));
    }

    /**
     * {@return a new generator on the default backend, to be closed by the caller}
     *
     * @param model a saved model, the folder of a run, or a folder with the {@code config.json},
     *     the weights and the tokenizer of another library
     */
    public static TextGenerator open(String model) {
        return OwnedResources.build(owned -> opened(owned, owned.open(model), model));
    }

    /**
     * {@return a new generator on a backend, to be closed by the caller}
     *
     * @param model as for {@link #open(String)}
     * @param backend the backend; the caller closes it
     */
    public static TextGenerator open(String model, Backend backend) {
        return OwnedResources.build(owned -> opened(owned, owned.open(model, backend), model));
    }

    private static TextGenerator opened(OwnedResources owned, Network network, String model) {
        return new TextGenerator(owned, network, StoredTokenizer.open(model, owned));
    }

    /**
     * {@return this generator with KV caches of another type; close either of them}
     *
     * @param type as in {@link Generator#withCacheType}
     */
    public TextGenerator withCacheType(DataType type) {
        return new TextGenerator(owned, generator.withCacheType(type));
    }

    /** {@return true if the model has an encoder, so prompts are sources to translate} */
    public boolean translates() {
        return generator.translates();
    }

    /**
     * {@return the settings that the model's authors use and {@link Generator.Settings} replace,
     * such as {@code num_beams}: JSON by key}
     */
    public Map<String, String> suggestions() {
        return generator.suggestions();
    }

    /**
     * {@return the most probable text after a prompt, up to 100 tokens}
     *
     * @param prompt the beginning of the text; empty to begin with the tokenizer's first token
     */
    public String generate(String prompt) {
        return generate(prompt, Generator.Settings.DEFAULT);
    }

    /**
     * {@return the text generated after a prompt}
     *
     * @param prompt as for {@link #generate(String)}
     * @param settings sampling, the largest number of tokens, and stop texts
     */
    public String generate(String prompt, Generator.Settings settings) {
        return generate(prompt, settings, TextListener.NONE).text();
    }

    /**
     * Generates a text and streams it.
     *
     * @param prompt as for {@link #generate(String)}
     * @param settings as for {@link #generate(String, Generator.Settings)}
     * @param listener receives the text piece by piece, in this thread, and may stop it
     * @return the text after the prompt, its tokens, and the reason for its end
     */
    public Continuation generate(
            String prompt, Generator.Settings settings, TextListener listener) {
        return generate(List.of(prompt), settings, listener).continuations().get(0);
    }

    /**
     * Generates texts in one batch. Each text is the same as for its prompt alone.
     *
     * @param prompts one or more prompts, each as for {@link #generate(String)}
     * @param settings as for {@link #generate(String, Generator.Settings)}
     * @param listener receives the texts piece by piece, in this thread, and may stop them
     * @return the texts in the order of the prompts, and the time they took
     */
    public Generator.Batch generate(
            List<String> prompts, Generator.Settings settings, TextListener listener) {
        return generator.generate(prompts, settings, listener);
    }

    /**
     * {@return a running batch for the prompts of many threads, to be closed by the caller before
     * this generator}
     *
     * @param options the limits of the batch
     */
    public ContinuousBatching continuousBatching(BatchOptions options) {
        return new ContinuousBatching(generator, options);
    }

    /** Closes what this generator opened. */
    @Override
    public void close() {
        owned.close();
    }
}

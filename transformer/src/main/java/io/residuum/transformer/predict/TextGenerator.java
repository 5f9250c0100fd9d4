package io.residuum.transformer.predict;

import io.residuum.engine.Backend;
import io.residuum.model.Network;
import io.residuum.model.OwnedResources;
import io.residuum.transformer.generate.Continuation;
import io.residuum.transformer.generate.Generator;
import io.residuum.transformer.generate.TextListener;
import io.residuum.transformer.text.Tokenizer;
import java.util.List;

/**
 * Generates text with a language model. May be used from several threads.
 *
 * <pre>{@code
 * try (TextGenerator generator = TextGenerator.open("runs/plays")) {
 *     System.out.println("To be" + generator.generate("To be"));
 * }
 * }</pre>
 *
 * <p>A model with an encoder translates: the prompt is the source, and the text its translation.
 * {@link Generator} says how tokens are chosen and what it refuses.
 */
public final class TextGenerator implements AutoCloseable {
    private final OwnedResources owned;
    private final Generator generator;

    private TextGenerator(OwnedResources owned, Network network, Tokenizer tokenizer) {
        this.owned = owned;
        this.generator = new Generator(network, tokenizer);
    }

    /**
     * Generates with a network of the caller, and the tokenizer that is stored with it.
     *
     * @param network a language model; the caller closes it
     * @return a new generator, to be closed by the caller
     * @throws io.residuum.spec.SpecException if the network is no language model, or comes without
     *     a tokenizer
     */
    public static TextGenerator of(Network network) {
        return OwnedResources.build(owned -> opened(owned, network));
    }

    /**
     * Generates with a network and a tokenizer of the caller.
     *
     * @param network a language model; the caller closes it
     * @param tokenizer encodes texts as in training; the caller closes it
     * @return a new generator
     * @throws io.residuum.spec.SpecException if they do not fit
     */
    public static TextGenerator of(Network network, Tokenizer tokenizer) {
        return OwnedResources.build(owned -> new TextGenerator(owned, network, tokenizer));
    }

    /**
     * Opens a model on the default backend.
     *
     * @param model a saved model or the folder of a run
     * @return a new generator, to be closed by the caller
     */
    public static TextGenerator open(String model) {
        return OwnedResources.build(owned -> opened(owned, owned.open(model)));
    }

    /**
     * Opens a model on a backend.
     *
     * @param model as for {@link #open(String)}
     * @param backend the backend; the caller closes it
     * @return a new generator, to be closed by the caller
     */
    public static TextGenerator open(String model, Backend backend) {
        return OwnedResources.build(owned -> opened(owned, owned.open(model, backend)));
    }

    private static TextGenerator opened(OwnedResources owned, Network network) {
        return new TextGenerator(owned, network, StoredTokenizer.open(network, owned));
    }

    /**
     * Tells if the model has an encoder.
     *
     * @return true if prompts are sources to translate rather than beginnings to continue
     */
    public boolean translates() {
        return generator.translates();
    }

    /**
     * Generates the most probable text, of up to 100 tokens.
     *
     * @param prompt the beginning of the text; empty to begin with the tokenizer's first token
     * @return the text that follows the prompt
     */
    public String generate(String prompt) {
        return generate(prompt, Generator.Settings.DEFAULT);
    }

    /**
     * Generates a text.
     *
     * @param prompt as for {@link #generate(String)}
     * @param settings sampling, the largest number of tokens, and texts that end it
     * @return the text that follows the prompt
     */
    public String generate(String prompt, Generator.Settings settings) {
        return generate(prompt, settings, TextListener.NONE).text();
    }

    /**
     * Generates a text and streams it.
     *
     * @param prompt as for {@link #generate(String)}
     * @param settings as for {@link #generate(String, Generator.Settings)}
     * @param listener receives the text piece by piece, in this thread, and may end it
     * @return the text that follows the prompt, its tokens, and why it ended
     */
    public Continuation generate(
            String prompt, Generator.Settings settings, TextListener listener) {
        return generate(List.of(prompt), settings, listener).continuations().get(0);
    }

    /**
     * Generates texts in one batch. Each is the text that its prompt alone would give.
     *
     * @param prompts one prompt or more, each as for {@link #generate(String)}
     * @param settings as for {@link #generate(String, Generator.Settings)}
     * @param listener receives the texts piece by piece, in this thread, and may end them
     * @return the texts in the order of the prompts, and how long they took
     */
    public Generator.Batch generate(
            List<String> prompts, Generator.Settings settings, TextListener listener) {
        return generator.generate(prompts, settings, listener);
    }

    /** Closes what this generator opened. */
    @Override
    public void close() {
        owned.close();
    }
}

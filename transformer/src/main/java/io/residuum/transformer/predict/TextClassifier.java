package io.residuum.transformer.predict;

import ai.djl.modality.Classifications;
import ai.djl.translate.Translator;
import io.residuum.engine.Backend;
import io.residuum.model.ClassActivation;
import io.residuum.model.Classification;
import io.residuum.model.Classifier;
import io.residuum.model.ClassifierTranslator;
import io.residuum.model.Network;
import io.residuum.model.OwnedResources;
import io.residuum.spec.Check;
import io.residuum.spec.ModelSpec;
import io.residuum.train.rows.RowHeader;
import io.residuum.transformer.family.TextOutput;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.transformer.text.encode.InputEncoder;
import io.residuum.transformer.text.encode.ModelInput;
import io.residuum.transformer.train.TextEncoder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Classifies texts. Safe for use by several threads.
 *
 * <pre>{@code
 * try (TextClassifier classifier = TextClassifier.open("runs/topics")) {
 *     System.out.println(classifier.classify("The train is late.").best()); // travel (93.1%)
 * }
 * }</pre>
 *
 * <p>As in training, a text is cut to the network's number of tokens.
 */
public final class TextClassifier implements AutoCloseable {
    private final OwnedResources owned;
    private final Classifier<String> classifier;
    private final Classifier<TextPair> pairs;

    private TextClassifier(
            OwnedResources owned, Network network, Tokenizer tokenizer, @Nullable String head) {
        // The classifier below asks for the name of one of several.
        Check.that(
                head != null || !network.hasOneHead() || isClassifier(network.spec()),
                "a text classifier needs a network with a head for classes, but %s has none; train"
                        + " one on labelled texts",
                network.spec().name());
        this.owned = owned;
        TextEncoder texts = TextEncoder.of(network, tokenizer);
        this.classifier =
                head == null
                        ? new Classifier<>(network, texts::inputs)
                        : new Classifier<>(network, texts::inputs, head);
        InputEncoder encoder = new InputEncoder(tokenizer::template, texts.length());
        this.pairs =
                new Classifier<>(
                        network,
                        (manager, some) ->
                                TextEncoder.inputsOf(
                                        manager,
                                        some.stream()
                                                .map(pair -> input(encoder, tokenizer, pair))
                                                .toList(),
                                        network),
                        classifier.head());
        RowHeader.requireClassifier(network.metadata(), classifier.head());
    }

    private static ModelInput input(InputEncoder encoder, Tokenizer tokenizer, TextPair pair) {
        return encoder.encode(tokenizer.tokens(pair.first()), tokenizer.tokens(pair.second()));
    }

    /**
     * {@return true if a network has one output per class of a text, rather than of its tokens}
     *
     * @param spec the network
     */
    public static boolean isClassifier(ModelSpec spec) {
        return TextOutput.of(spec) == TextOutput.CLASSES;
    }

    /**
     * {@return a new classifier with the caller's network and its stored tokenizer, to be closed by
     * the caller}
     *
     * @param network a network that reads tokens and gives one output per class; the caller closes
     *     it
     * @throws io.residuum.spec.SpecException if the network does not classify texts or has no
     *     tokenizer
     */
    public static TextClassifier of(Network network) {
        return OwnedResources.build(
                owned ->
                        new TextClassifier(
                                owned, network, StoredTokenizer.open(network, owned), null));
    }

    /**
     * {@return a new classifier with a network and a tokenizer of the caller}
     *
     * @param network as for {@link #of(Network)}
     * @param tokenizer the tokenizer used in training; the caller closes it
     * @throws io.residuum.spec.SpecException if the network does not classify texts
     * @throws io.residuum.train.TrainingException if the tokenizer has more tokens than the network
     */
    public static TextClassifier of(Network network, Tokenizer tokenizer) {
        return OwnedResources.build(owned -> new TextClassifier(owned, network, tokenizer, null));
    }

    /**
     * {@return a new classifier with one of several outputs of the caller's network}
     *
     * @param network a network that reads tokens; the caller closes it
     * @param tokenizer the tokenizer used in training; the caller closes it
     * @param head the name of the output with the classes, or the path of a further head
     * @throws io.residuum.spec.SpecException if the network has no such head, or it has no classes
     */
    public static TextClassifier of(Network network, Tokenizer tokenizer, String head) {
        return OwnedResources.build(owned -> new TextClassifier(owned, network, tokenizer, head));
    }

    /**
     * {@return a new classifier on the default backend, to be closed by the caller}
     *
     * @param model a saved model, the folder of a run, or a folder with the {@code config.json},
     *     the weights and the tokenizer of another library
     */
    public static TextClassifier open(String model) {
        return OwnedResources.build(owned -> opened(owned, owned.open(model), model));
    }

    /**
     * {@return a new classifier on a backend, to be closed by the caller}
     *
     * @param model as for {@link #open(String)}
     * @param backend the backend; the caller closes it
     */
    public static TextClassifier open(String model, Backend backend) {
        return OwnedResources.build(owned -> opened(owned, owned.open(model, backend), model));
    }

    private static TextClassifier opened(OwnedResources owned, Network network, String model) {
        return new TextClassifier(owned, network, StoredTokenizer.open(model, owned), null);
    }

    /** {@return the classes of a text} */
    public Classification classify(String text) {
        return classify(List.of(text)).get(0);
    }

    /**
     * {@return one classification per text, in order, {@value io.residuum.model.Classifier#BATCH}
     * per forward pass}
     */
    public List<Classification> classify(List<String> texts) {
        return classify(texts, Classifier.BATCH);
    }

    /**
     * {@return one classification per text, in order}
     *
     * @param batch the largest number of texts in a forward pass, positive
     */
    public List<Classification> classify(List<String> texts, int batch) {
        return classifier.classify(texts, batch);
    }

    /**
     * {@return one classification per pair of texts, in order} The longer text of a pair is cut if
     * they are too long.
     *
     * @param some the pairs
     * @param batch the largest number of pairs in a forward pass, positive
     */
    public List<Classification> classifyPairs(List<TextPair> some, int batch) {
        return pairs.classify(some, batch);
    }

    /** {@return the function from outputs to scores: probabilities, or numbers of a regression} */
    public ClassActivation activation() {
        return ClassActivation.of(classifier.network().metadata());
    }

    /**
     * {@return a translator for DJL's {@code Predictor}, which encodes texts as this classifier
     * does} The block of the DJL model must be that of this network.
     */
    public Translator<String, Classifications> translator() {
        return new ClassifierTranslator<>(classifier, false);
    }

    /** Closes what this classifier opened. */
    @Override
    public void close() {
        owned.close();
    }
}

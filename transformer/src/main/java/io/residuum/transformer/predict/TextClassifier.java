package io.residuum.transformer.predict;

import io.residuum.engine.Backend;
import io.residuum.model.Classification;
import io.residuum.model.Classifier;
import io.residuum.model.Network;
import io.residuum.model.OwnedResources;
import io.residuum.spec.Check;
import io.residuum.spec.ModelSpec;
import io.residuum.transformer.family.Bert;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.transformer.train.TextEncoder;
import java.util.List;

/**
 * Classifies texts. May be used from several threads.
 *
 * <pre>{@code
 * try (TextClassifier classifier = TextClassifier.open("runs/topics")) {
 *     System.out.println(classifier.classify("The train is late.").best()); // travel (93.1%)
 * }
 * }</pre>
 *
 * <p>As in training, a text is cut to the tokens that the network reads.
 */
public final class TextClassifier implements AutoCloseable {
    private final OwnedResources owned;
    private final Classifier<String> classifier;

    private TextClassifier(OwnedResources owned, Network network, Tokenizer tokenizer) {
        Check.that(
                isClassifier(network.spec()),
                "a text classifier needs a network with a head for classes, but %s has none: train"
                        + " one on labelled texts",
                network.spec().name());
        this.owned = owned;
        this.classifier = new Classifier<>(network, TextEncoder.of(network, tokenizer)::inputs);
    }

    /**
     * Tells if a network classifies texts, rather than their tokens or pairs of them.
     *
     * @param spec the network
     * @return true if it has one output per class
     */
    public static boolean isClassifier(ModelSpec spec) {
        return spec.network() instanceof Bert bert
                ? bert.head() instanceof Bert.Head.Classes
                : spec.newBlock().outputShape().dimension() == 2;
    }

    /**
     * Classifies with a network of the caller, and the tokenizer that is stored with it.
     *
     * @param network reads tokens and gives one output per class; the caller closes it
     * @return a new classifier, to be closed by the caller
     * @throws io.residuum.spec.SpecException if the network is no classifier of texts, or comes
     *     without a tokenizer
     */
    public static TextClassifier of(Network network) {
        return OwnedResources.build(owned -> opened(owned, network));
    }

    /**
     * Classifies with a network and a tokenizer of the caller.
     *
     * @param network as for {@link #of(Network)}
     * @param tokenizer encodes texts as in training; the caller closes it
     * @return a new classifier
     * @throws io.residuum.spec.SpecException if the network is no classifier of texts
     * @throws io.residuum.train.TrainingException if the tokenizer has more tokens than the network
     */
    public static TextClassifier of(Network network, Tokenizer tokenizer) {
        return OwnedResources.build(owned -> new TextClassifier(owned, network, tokenizer));
    }

    /**
     * Opens a model on the default backend.
     *
     * @param model a saved model or the folder of a run
     * @return a new classifier, to be closed by the caller
     */
    public static TextClassifier open(String model) {
        return OwnedResources.build(owned -> opened(owned, owned.open(model)));
    }

    /**
     * Opens a model on a backend.
     *
     * @param model as for {@link #open(String)}
     * @param backend the backend; the caller closes it
     * @return a new classifier, to be closed by the caller
     */
    public static TextClassifier open(String model, Backend backend) {
        return OwnedResources.build(owned -> opened(owned, owned.open(model, backend)));
    }

    private static TextClassifier opened(OwnedResources owned, Network network) {
        return new TextClassifier(owned, network, StoredTokenizer.open(network, owned));
    }

    /**
     * Classifies a text.
     *
     * @param text the text
     * @return its classes
     */
    public Classification classify(String text) {
        return classify(List.of(text)).get(0);
    }

    /**
     * Classifies texts, {@value io.residuum.model.Classifier#BATCH} at once.
     *
     * @param texts the texts
     * @return one classification per text, in order
     */
    public List<Classification> classify(List<String> texts) {
        return classify(texts, Classifier.BATCH);
    }

    /**
     * Classifies texts.
     *
     * @param texts the texts
     * @param batch the largest number of texts of a forward pass, positive
     * @return one classification per text, in order
     */
    public List<Classification> classify(List<String> texts, int batch) {
        return classifier.classify(texts, batch);
    }

    /** Closes what this classifier opened. */
    @Override
    public void close() {
        owned.close();
    }
}

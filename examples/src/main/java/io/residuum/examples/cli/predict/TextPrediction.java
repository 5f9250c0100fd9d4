package io.residuum.examples.cli.predict;

import io.residuum.examples.cli.options.Output;
import io.residuum.examples.cli.options.TokenizerOption;
import io.residuum.examples.cli.task.ClassifierHead;
import io.residuum.examples.cli.task.TextSetup;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.spec.SpecException;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.transformer.train.TextClassification;
import java.util.ArrayList;
import java.util.List;

/** The most probable classes of texts. */
final class TextPrediction implements AutoCloseable {

    /** A text with its classes, the most probable first; as JSON shows it. */
    private record Result(String text, List<ClassProbability> classes) {}

    private final List<String> names;
    private final Tokenizer tokenizer;
    private final int classes;
    private final int batch;
    private final int top;

    private TextPrediction(
            List<String> names, Tokenizer tokenizer, int classes, int batch, int top) {
        this.names = names;
        this.tokenizer = tokenizer;
        this.classes = classes;
        this.batch = batch;
        this.top = top;
    }

    /**
     * Prepares.
     *
     * @param options may name another tokenizer
     * @throws SpecException if the model is no classifier of texts, or there is no tokenizer
     */
    static TextPrediction open(ModelSource model, TokenizerOption options, int batch, int top) {
        TextSetup.input(model);
        if (!TextSetup.isClassifier(model.spec())) {
            throw new SpecException(
                    ("--text needs a classifier, but %s has no head for classes: train one by"
                                    + " residuum train %s --data labelled:FILE")
                            .formatted(model.label(), model.label()));
        }
        int classes = Math.toIntExact(ClassifierHead.of(model.spec()));
        Tokenizer tokenizer = TextSetup.required(model, options);
        return new TextPrediction(
                model.metadata().classNames(classes), tokenizer, classes, batch, top);
    }

    void run(Network network, List<String> texts, boolean json, Output output) {
        List<Result> results = new ArrayList<>();
        for (int first = 0; first < texts.size(); first += batch) {
            List<String> some = texts.subList(first, Math.min(first + batch, texts.size()));
            float[] logits = TextClassification.predict(network, tokenizer, some);
            for (int i = 0; i < some.size(); i++) {
                results.add(
                        new Result(
                                some.get(i),
                                ClassProbability.best(names, logits, i, classes, top)));
            }
        }
        if (json) {
            output.json(results);
            return;
        }
        results.forEach(result -> ClassProbability.print(result.text(), result.classes(), output));
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}

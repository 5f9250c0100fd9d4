package io.residuum.examples.cli.task;

import io.residuum.examples.cli.options.DataOptions;
import io.residuum.examples.cli.options.TextOptions;
import io.residuum.model.ModelSource;
import io.residuum.spec.ModelSpec;
import io.residuum.train.Recipe;
import io.residuum.transformer.predict.TextClassifier;
import io.residuum.transformer.text.LabelledSplits;
import io.residuum.transformer.text.LabelledText;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.transformer.train.TextClassification;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Text classification. The network gets a head for the classes. If its weights are random, its
 * vocabulary and context follow the data.
 *
 * @param text the value of {@code --data}
 * @param source the parsed value
 */
record LabelledTextTask(String text, LabelledText source) implements TaskSource {

    /**
     * Fine-tuning of BERT as in Devlin et al. 2019, Section A.3, with Turc et al.'s learning rate.
     */
    @Override
    public Recipe defaultRecipe() {
        return TextSetup.fineTuning(1e-4);
    }

    @Override
    public Plan plan(ModelSource model, Recipe recipe, DataOptions options) {
        TextOptions texts = options.ofLabelledText();
        int length = TextSetup.length(model, texts);
        LabelledSplits read = source.open(recipe.validation());
        Tokenizer tokenizer =
                TextSetup.tokenizer(model, texts.tokenizer())
                        .orElseGet(
                                () ->
                                        TextSetup.characters(
                                                IntStream.range(0, read.train().size())
                                                        .mapToObj(read.train()::text)));
        List<String> changes = new ArrayList<>();
        List<String> warnings = List.of();
        ModelSpec spec = TextSetup.fitted(model, tokenizer.vocabulary(), length, changes);
        LabelledSplits data = read;
        int classes = data.train().classNames().size();
        long outputs = ClassifierHead.of(spec);
        if (outputs != classes || !TextClassifier.isClassifier(spec)) {
            spec = spec.withClasses(classes);
            changes.add(
                    ClassifierHead.newHead(
                            classes, TextClassifier.isClassifier(model.spec()) ? outputs : 0));
        } else {
            ClassMatch match = ClassMatch.of(model, outputs, data.train().classNames());
            data = data.labelledBy(match.names());
            warnings = match.warnings();
        }
        return new Plan(
                TextClassification.on(data, tokenizer, length).withNotes(warnings),
                spec,
                changes,
                tokenizer::close);
    }

    @Override
    public EvaluationJob evaluationJob(ModelSource model, DataOptions options, HeldOut heldOut) {
        TextOptions texts = options.ofLabelledText();
        LabelledSplits read = source.open(heldOut.share(model));
        String note = heldOut.note(model, text, read.heldOut(), read.test().isPresent());
        ClassMatch match =
                ClassMatch.of(
                        model, ClassifierHead.of(model.spec()), read.evaluation().classNames());
        LabelledSplits data = read.labelledBy(match.names());
        ClassifierHead.requireClasses(model, text, data.evaluation().classNames().size());
        int length = TextSetup.length(model, texts);
        Tokenizer tokenizer = TextSetup.required(model, texts.tokenizer());
        TextClassification task = TextClassification.on(data, tokenizer, length);
        List<String> warnings = new ArrayList<>(match.warnings());
        task.cutTexts(List.of(data.evaluation())).ifPresent(warnings::add);
        return new EvaluationJob(
                task.description() + note,
                warnings,
                (network, settings) -> {
                    task.requireFitting(network);
                    return ClassifierHead.report(task.evaluator(network, settings));
                },
                task.evaluation(),
                tokenizer::close);
    }
}

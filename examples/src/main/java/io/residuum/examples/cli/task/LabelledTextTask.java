package io.residuum.examples.cli.task;

import io.residuum.examples.cli.options.DataOptions;
import io.residuum.examples.cli.options.TextOptions;
import io.residuum.model.ModelSource;
import io.residuum.model.OwnedResources;
import io.residuum.train.Recipe;
import io.residuum.train.plan.ClassMatch;
import io.residuum.train.plan.TrainingPlan;
import io.residuum.transformer.text.LabelledSplits;
import io.residuum.transformer.text.LabelledText;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.transformer.train.TextClassification;
import io.residuum.transformer.train.TextTraining;
import java.util.ArrayList;
import java.util.List;

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
    public TrainingPlan plan(ModelSource model, Recipe recipe, DataOptions options) {
        return TextTraining.classifier(model, source, recipe, options.ofLabelledText().settings());
    }

    @Override
    public EvaluationJob evaluationJob(ModelSource model, DataOptions options, HeldOut heldOut) {
        return OwnedResources.build(
                owned -> {
                    TextOptions texts = options.ofLabelledText();
                    LabelledSplits read = source.open(heldOut.share(model));
                    String note =
                            heldOut.note(model, text, read.heldOut(), read.test().isPresent());
                    ClassMatch match =
                            ClassMatch.of(
                                    model, model.spec().classes(), read.evaluation().classNames());
                    LabelledSplits data = read.labelledBy(match.names());
                    ClassifierHead.requireClasses(
                            model, text, data.evaluation().classNames().size());
                    int length = texts.settings().length(model);
                    Tokenizer tokenizer = texts.settings().require(model, owned);
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
                            owned::close);
                });
    }
}

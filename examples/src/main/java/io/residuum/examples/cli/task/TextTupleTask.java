package io.residuum.examples.cli.task;

import io.residuum.data.Parts;
import io.residuum.examples.cli.options.DataOptions;
import io.residuum.examples.cli.options.TextOptions;
import io.residuum.model.ModelSource;
import io.residuum.model.OwnedResources;
import io.residuum.train.Recipe;
import io.residuum.train.plan.TrainingPlan;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.transformer.text.encode.Prompts;
import io.residuum.transformer.text.pairs.TextTupleSplits;
import io.residuum.transformer.train.TextSimilarity;
import io.residuum.transformer.train.TextTraining;

/**
 * Contrastive learning of embeddings. A network with another head gets the mean of its tokens. If
 * its weights are random, its vocabulary and context follow the data.
 *
 * @param text the value of {@code --data}
 * @param parts the tables
 */
record TextTupleTask(String text, Parts parts) implements TaskSource {

    /** Fine-tuning as in Reimers and Gurevych 2019, Section 3.1, with larger batches. */
    @Override
    public Recipe defaultRecipe() {
        return TextSetup.fineTuning(2e-5);
    }

    @Override
    public TrainingPlan plan(ModelSource model, Recipe recipe, DataOptions options) {
        return TextTraining.embedder(model, parts, recipe, options.ofLabelledText().settings());
    }

    @Override
    public EvaluationJob evaluationJob(ModelSource model, DataOptions options, HeldOut heldOut) {
        return OwnedResources.build(
                owned -> {
                    TextOptions texts = options.ofLabelledText();
                    boolean whole =
                            parts.all().size() == 1
                                    && heldOut.asked().isEmpty()
                                    && model.metadata().heldOut().isEmpty();
                    TextTupleSplits data =
                            whole
                                    ? TextTupleSplits.toEvaluate(parts.train())
                                    : TextTupleSplits.open(parts, heldOut.share(model));
                    String note =
                            heldOut.note(model, text, data.heldOut(), data.test().isPresent());
                    int length = texts.settings().length(model);
                    Tokenizer tokenizer = texts.settings().require(model, owned);
                    TextSimilarity task =
                            TextSimilarity.on(
                                    data, tokenizer, length, Prompts.of(model.metadata()));
                    return new EvaluationJob(
                            (whole
                                            ? "%s: %d %s"
                                                    .formatted(
                                                            text, data.train().size(), task.unit())
                                            : task.description())
                                    + note,
                            task.notes(),
                            (network, settings) -> ScoreLine.report(task, network, settings),
                            task.evaluation(),
                            owned::close);
                });
    }
}

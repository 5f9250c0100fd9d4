package io.residuum.examples.cli.task;

import io.residuum.examples.cli.options.DataOptions;
import io.residuum.examples.cli.options.TextOptions;
import io.residuum.examples.cli.options.TextOptions.TaskName;
import io.residuum.model.ModelSource;
import io.residuum.model.OwnedResources;
import io.residuum.optim.OptimizerSpec;
import io.residuum.optim.ScheduleSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.train.Recipe;
import io.residuum.train.Task;
import io.residuum.train.plan.TrainingPlan;
import io.residuum.transformer.family.Bert;
import io.residuum.transformer.text.PlainText;
import io.residuum.transformer.text.TextSplits;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.transformer.train.LanguageModeling;
import io.residuum.transformer.train.MaskedLanguageModeling;
import io.residuum.transformer.train.TextTraining;

/**
 * Language modeling and masked language modeling. If the network's weights are random, its
 * vocabulary and context follow the data. Otherwise the tokenizer of the weights encodes the data.
 *
 * @param text the value of {@code --data}
 * @param source the parsed value
 */
record LanguageTask(String text, PlainText source) implements TaskSource {

    /** nanoGPT's settings for characters on a CPU: 2,000 updates with an evaluation every 250. */
    @Override
    public Recipe defaultRecipe() {
        return Recipe.builder()
                .epochs(8)
                .stepsPerEpoch(250)
                .batch(12)
                .optimizer(new OptimizerSpec.AdamW(0.9, 0.99, 1e-8, 0.1))
                .learningRate(1e-3)
                .schedule(new ScheduleSpec.Cosine(0.1))
                .warmupEpochs(0.4)
                .clipNorm(1.0)
                .build();
    }

    @Override
    public TrainingPlan plan(ModelSource model, Recipe recipe, DataOptions options) {
        options.pictures().refuse();
        TextOptions texts = options.text();
        boolean masked = masked(model.spec(), texts);
        if (masked) {
            options.samples().refuse();
            return TextTraining.maskedLanguageModel(model, source, recipe, texts.settings());
        }
        return OwnedResources.build(
                owned -> {
                    TrainingPlan plan =
                            owned.add(
                                    TextTraining.languageModel(
                                            model, source, recipe, texts.settings()),
                                    TrainingPlan::close);
                    LanguageModeling task = (LanguageModeling) plan.task();
                    return plan.withTask(options.samples().on(task, task.data(), recipe.seed()));
                });
    }

    private static boolean masked(ModelSpec spec, TextOptions options) {
        TaskName byNetwork =
                spec.network() instanceof Bert ? TaskName.MASKED_LM : TaskName.LANGUAGE_MODEL;
        return options.task().orElse(byNetwork) == TaskName.MASKED_LM;
    }

    @Override
    public EvaluationJob evaluationJob(ModelSource model, DataOptions options, HeldOut heldOut) {
        return OwnedResources.build(
                owned -> {
                    options.pictures().refuse();
                    TextOptions texts = options.text();
                    int length = texts.settings().length(model);
                    Tokenizer tokenizer = texts.settings().require(model, owned);
                    TextSplits data = source.open(tokenizer, heldOut.share(model));
                    String note =
                            heldOut.note(model, text, data.heldOut(), data.test().isPresent());
                    Task task =
                            masked(model.spec(), texts)
                                    ? MaskedLanguageModeling.toEvaluate(data, length)
                                    : LanguageModeling.toEvaluate(data, length);
                    return new EvaluationJob(
                            task.description() + note,
                            (network, settings) -> ScoreLine.report(task, network, settings),
                            task.evaluation(),
                            owned::close);
                });
    }
}

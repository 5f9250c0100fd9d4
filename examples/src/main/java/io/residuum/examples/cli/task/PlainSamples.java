package io.residuum.examples.cli.task;

import io.residuum.examples.cli.options.DataOptions;
import io.residuum.model.ModelSource;
import io.residuum.spec.TypeName;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.Recipe;
import io.residuum.train.plan.TrainingPlan;
import io.residuum.train.samples.SampleSource;
import io.residuum.train.samples.SampleSplits;
import io.residuum.train.samples.SampleTask;
import java.util.List;
import java.util.Optional;

/**
 * Samples that need no options: named arrays, the generated adding problem, and sources that a
 * record provider registers.
 *
 * @param text the value of {@code --data}
 * @param source the samples
 */
record PlainSamples(String text, SampleSource source) implements TaskSource {

    /** {@return a registered source, by its name or as JSON; empty if the text is neither} */
    static Optional<TaskSource> registered(String text) {
        SpecJson json = SpecJson.standard();
        boolean named = json.typeNames(SampleSource.class).contains(text);
        if (!named && !text.stripLeading().startsWith("{")) {
            return Optional.empty();
        }
        String document = named ? "\"" + text + "\"" : text;
        return Optional.of(
                new PlainSamples(text, json.parse(document, "--data", SampleSource.class)));
    }

    @Override
    public String label() {
        TypeName name = source.getClass().getAnnotation(TypeName.class);
        return name == null ? TaskSource.super.label() : name.value();
    }

    @Override
    public Recipe defaultRecipe() {
        return source.recipe().orElseGet(SampleData::defaultRecipe);
    }

    @Override
    public TrainingPlan plan(ModelSource model, Recipe recipe, DataOptions options) {
        options.refuse();
        SampleSplits data = source.open(model.spec(), recipe.validation());
        return new TrainingPlan(
                model, model.spec(), recipe, SampleTask.on(data), List.of(), data::close);
    }

    @Override
    public EvaluationJob evaluationJob(ModelSource model, DataOptions options, HeldOut heldOut) {
        heldOut.refuse(text);
        options.refuse();
        return SampleData.job(SampleTask.on(source.forEvaluation(model.spec())));
    }
}

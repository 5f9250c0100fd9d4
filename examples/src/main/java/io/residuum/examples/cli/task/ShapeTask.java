package io.residuum.examples.cli.task;

import io.residuum.examples.cli.options.DataOptions;
import io.residuum.model.ModelSource;
import io.residuum.spec.ModelSpec;
import io.residuum.train.Recipe;
import io.residuum.train.plan.TrainingPlan;
import io.residuum.vision.shapes.ShapeSource;

/**
 * Generated images of shapes, for networks that detect or segment.
 *
 * @param text the value of {@code --data}
 * @param source the parsed value
 */
record ShapeTask(String text, ShapeSource source) implements TaskSource {
    private static final int EPOCHS = 6;

    @Override
    public Recipe defaultRecipe() {
        return SampleData.defaultRecipe().with().epochs(EPOCHS).batch(16).build();
    }

    @Override
    public TrainingPlan plan(ModelSource model, Recipe recipe, DataOptions options) {
        options.refuse();
        ModelSpec spec = source.fitted(model.spec());
        return new TrainingPlan(
                model,
                spec,
                recipe,
                source.task(spec, recipe.validation()),
                DetectionDataTask.changes(model.spec(), spec, source.classes(spec)),
                () -> {});
    }

    @Override
    public EvaluationJob evaluationJob(ModelSource model, DataOptions options, HeldOut heldOut) {
        heldOut.refuse(text);
        options.refuse();
        return SampleData.job(source.toEvaluate(model.spec()), () -> {});
    }
}

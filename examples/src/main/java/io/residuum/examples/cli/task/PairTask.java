package io.residuum.examples.cli.task;

import io.residuum.examples.cli.options.DataOptions;
import io.residuum.model.ModelSource;
import io.residuum.train.Recipe;
import io.residuum.train.plan.TrainingPlan;
import io.residuum.train.samples.SampleTask;
import io.residuum.vision.image.PictureReader;
import io.residuum.vision.train.PairSource;

/**
 * Pairs of pictures: image and mask, or image and target.
 *
 * @param text the value of {@code --data}
 * @param source the parsed value
 */
record PairTask(String text, PairSource source) implements TaskSource {

    @Override
    public Recipe defaultRecipe() {
        return SampleData.defaultRecipe().with().batch(8).build();
    }

    @Override
    public TrainingPlan plan(ModelSource model, Recipe recipe, DataOptions options) {
        PictureReader reader = options.ofPictures().reader();
        return new TrainingPlan(model, recipe, source.task(model.spec(), reader, recipe));
    }

    @Override
    public EvaluationJob evaluationJob(ModelSource model, DataOptions options, HeldOut heldOut) {
        heldOut.refuse(text);
        PictureReader reader = options.ofPictures().reader();
        return SampleData.job(SampleTask.on(source.forEvaluation(model.spec(), reader)));
    }
}

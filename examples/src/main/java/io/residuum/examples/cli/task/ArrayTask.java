package io.residuum.examples.cli.task;

import io.residuum.examples.cli.options.PictureOptions;
import io.residuum.examples.cli.options.SampleOptions;
import io.residuum.examples.cli.options.TextOptions;
import io.residuum.model.ModelSource;
import io.residuum.train.Recipe;
import io.residuum.train.samples.ArraySource;
import io.residuum.train.samples.SampleTask;
import java.util.List;

/**
 * Named arrays of safetensors files.
 *
 * @param text the value of {@code --data}
 * @param source the parsed value
 */
record ArrayTask(String text, ArraySource source) implements TaskSource {

    @Override
    public Recipe defaultRecipe() {
        return SampleData.defaultRecipe();
    }

    @Override
    public Plan plan(
            ModelSource model,
            Recipe recipe,
            TextOptions options,
            SampleOptions samples,
            PictureOptions pictures) {
        pictures.refuse();
        options.refuse();
        samples.refuse();
        ArraySource.Opened arrays = source.open(model.spec(), recipe.validation());
        return new Plan(SampleTask.on(arrays.splits()), model.spec(), List.of(), arrays::close);
    }

    @Override
    public EvaluationJob evaluationJob(
            ModelSource model, TextOptions options, PictureOptions pictures, HeldOut heldOut) {
        heldOut.refuse(text);
        pictures.refuse();
        options.refuse();
        ArraySource.Opened arrays = source.forEvaluation(model.spec());
        return SampleData.job(SampleTask.on(arrays.splits()), arrays::close);
    }
}

package io.residuum.examples.cli.task;

import io.residuum.examples.cli.options.PictureOptions;
import io.residuum.examples.cli.options.SampleOptions;
import io.residuum.examples.cli.options.TextOptions;
import io.residuum.model.ModelSource;
import io.residuum.optim.OptimizerSpec;
import io.residuum.spec.json.Defaults;
import io.residuum.train.Recipe;
import io.residuum.train.samples.AddingProblem;
import io.residuum.train.samples.SampleTask;
import java.util.List;

/**
 * The generated adding problem.
 *
 * @param text the value of {@code --data}
 * @param problem the parsed value
 */
record AddingTask(String text, AddingProblem problem) implements TaskSource {

    /** {@return Adam and clipped gradients, which networks over long times need} */
    @Override
    public Recipe defaultRecipe() {
        return Recipe.builder()
                .epochs(5)
                .batch(64)
                .optimizer(Defaults.of(OptimizerSpec.Adam.class))
                .learningRate(1e-3)
                .clipNorm(1.0)
                .build();
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
        return new Plan(
                SampleTask.on(problem.forTraining(recipe.validation())),
                model.spec(),
                List.of(),
                () -> {});
    }

    @Override
    public EvaluationJob evaluationJob(
            ModelSource model, TextOptions options, PictureOptions pictures, HeldOut heldOut) {
        heldOut.refuse(text);
        pictures.refuse();
        options.refuse();
        return SampleData.job(SampleTask.on(problem.forEvaluation()), () -> {});
    }
}

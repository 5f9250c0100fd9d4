package io.residuum.examples.cli.task;

import io.residuum.examples.cli.options.PictureOptions;
import io.residuum.examples.cli.options.SampleOptions;
import io.residuum.examples.cli.options.TextOptions;
import io.residuum.model.ModelSource;
import io.residuum.optim.OptimizerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.Defaults;
import io.residuum.train.Recipe;
import io.residuum.train.samples.AddingProblem;
import io.residuum.train.samples.ArraySource;
import io.residuum.train.samples.SampleSplits;
import io.residuum.train.samples.SampleTask;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * Samples that need no options: named arrays, and the generated adding problem.
 *
 * @param text the value of {@code --data}
 * @param defaultRecipe the recipe if the user gives none
 * @param training opens the samples for a network, given the share to hold out
 * @param evaluation opens the samples to evaluate a network on
 */
record PlainSamples(
        String text,
        Recipe defaultRecipe,
        BiFunction<ModelSpec, Double, SampleSplits> training,
        Function<ModelSpec, SampleSplits> evaluation)
        implements TaskSource {

    static PlainSamples arrays(String text, ArraySource source) {
        return new PlainSamples(
                text, SampleData.defaultRecipe(), source::open, source::forEvaluation);
    }

    /**
     * {@return the problem with Adam and clipped gradients, which networks over long times need}
     */
    static PlainSamples adding(String text, AddingProblem problem) {
        Recipe recipe =
                Recipe.builder()
                        .epochs(5)
                        .batch(64)
                        .optimizer(Defaults.of(OptimizerSpec.Adam.class))
                        .learningRate(1e-3)
                        .clipNorm(1.0)
                        .build();
        return new PlainSamples(
                text,
                recipe,
                (spec, share) -> problem.forTraining(share),
                spec -> problem.forEvaluation());
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
        SampleSplits data = training.apply(model.spec(), recipe.validation());
        return new Plan(SampleTask.on(data), model.spec(), List.of(), data::close);
    }

    @Override
    public EvaluationJob evaluationJob(
            ModelSource model, TextOptions options, PictureOptions pictures, HeldOut heldOut) {
        heldOut.refuse(text);
        pictures.refuse();
        options.refuse();
        return SampleData.job(SampleTask.on(evaluation.apply(model.spec())));
    }
}

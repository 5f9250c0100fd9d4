package io.residuum.examples.cli.task;

import io.residuum.examples.cli.options.DataOptions;
import io.residuum.examples.cli.options.PictureOptions;
import io.residuum.metric.Evaluation;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.spec.SpecException;
import io.residuum.train.EvaluationOptions;
import io.residuum.train.EvaluationResult;
import io.residuum.train.EvaluationSet;
import io.residuum.train.Recipe;
import io.residuum.train.Score;
import io.residuum.train.plan.ClassMatch;
import io.residuum.train.plan.TrainingPlan;
import io.residuum.train.report.Predictions;
import io.residuum.vision.data.DataSource;
import io.residuum.vision.data.DataSplits;
import io.residuum.vision.data.ImageSet;
import io.residuum.vision.image.ImageShape;
import io.residuum.vision.train.ImageClassification;
import io.residuum.vision.train.ImageEvaluator;
import io.residuum.vision.train.ImageInputs;
import io.residuum.vision.train.ImageTraining;
import io.residuum.vision.train.NearestNeighbors;
import java.util.List;
import java.util.Locale;
import java.util.function.BiFunction;

/**
 * Image classification. Images are converted to the network's input shape. The network gets a new
 * head if the data have other classes, and a normalization if it has none.
 *
 * @param text the value of {@code --data}
 * @param source the parsed value
 */
record ImageTask(String text, DataSource source) implements TaskSource {

    /** Generated digits are many and easy, so that 2 epochs are enough. */
    private static final int DIGITS_EPOCHS = 2;

    @Override
    public Recipe defaultRecipe() {
        return label().equalsIgnoreCase("digits")
                ? Recipe.builder().epochs(DIGITS_EPOCHS).build()
                : Recipe.defaults();
    }

    @Override
    public TrainingPlan plan(ModelSource model, Recipe recipe, DataOptions options) {
        PictureOptions pictures = options.ofPictures();
        TrainingPlan plan = ImageTraining.classifier(model, source, recipe, pictures.load(recipe));
        int images = ((ImageClassification) plan.task()).data().train().size();
        if (images < recipe.batch()) {
            throw new SpecException(
                    "--batch must be at most the number of training images, %d, got %d; use a smaller one"
                            .formatted(images, recipe.batch()));
        }
        return plan;
    }

    @Override
    public EvaluationJob evaluationJob(ModelSource model, DataOptions options, HeldOut heldOut) {
        PictureOptions pictures = options.ofPictures();
        ImageShape shape = ImageInputs.shape(model.spec());
        String note = "";
        ImageSet set;
        if (heldOut.asked().isPresent()) {
            Recipe recipe = Recipe.builder().validation(heldOut.share(model)).build();
            DataSplits data =
                    source.forTraining(shape, pictures.load(recipe).resizedFor(model.spec()));
            note = heldOut.note(model, text, data.heldOut(), data.test().isPresent());
            set = data.evaluation();
        } else {
            set =
                    source.forEvaluation(
                            shape, pictures.load(Recipe.defaults()).resizedFor(model.spec()));
        }
        ClassMatch match = ClassMatch.of(model, model.spec().classes(), set.classNames());
        ImageSet labelled = set.labelledBy(match.names());
        ClassifierHead.requireClasses(model, text, labelled.classNames().size());
        return new EvaluationJob(
                String.format(Locale.ROOT, "%s: %,d images%s", text, set.size(), note),
                match.warnings(),
                (network, settings) ->
                        ClassifierHead.report(ImageEvaluator.evaluate(network, labelled, settings)),
                EvaluationSet.of(
                        set.size(),
                        (network, settings) ->
                                ImageEvaluator.evaluate(network, labelled, settings).result()),
                () -> {});
    }

    @Override
    public EvaluationJob neighborsJob(
            ModelSource model, PictureOptions pictures, HeldOut heldOut, NearestNeighbors knn) {
        Recipe recipe = Recipe.defaults().withValidation(heldOut.share(model));
        DataSplits data =
                source.forTraining(
                        ImageInputs.shape(model.spec()),
                        pictures.load(recipe).resizedFor(model.spec()));
        String note = heldOut.note(model, text, data.heldOut(), data.test().isPresent());
        ImageSet set = data.evaluation();
        BiFunction<Network, EvaluationOptions, Evaluation> evaluate =
                (network, settings) -> knn.evaluate(network, data.train(), set, settings.batch());
        return new EvaluationJob(
                String.format(
                        Locale.ROOT,
                        "%s: %,d images by their %d neighbours of %,d%s",
                        text,
                        set.size(),
                        knn.k(),
                        data.train().size(),
                        note),
                evaluate.andThen(ClassifierHead::report),
                EvaluationSet.of(
                        set.size(),
                        evaluate.andThen(
                                e ->
                                        new EvaluationResult(
                                                Score.ofAccuracy(e.loss(), e.top1()),
                                                List.of(),
                                                () -> Predictions.NONE))),
                () -> {});
    }
}

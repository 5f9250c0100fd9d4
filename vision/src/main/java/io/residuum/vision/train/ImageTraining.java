package io.residuum.vision.train;

import io.residuum.model.ModelSource;
import io.residuum.spec.ModelSpec;
import io.residuum.train.Recipe;
import io.residuum.train.Task;
import io.residuum.train.plan.ClassMatch;
import io.residuum.train.plan.TrainingPlan;
import io.residuum.vision.data.DataSource;
import io.residuum.vision.data.DataSplits;
import io.residuum.vision.data.LoadOptions;
import java.util.ArrayList;
import java.util.List;

/**
 * Fits models to images, as {@code residuum train} does.
 *
 * <pre>{@code
 * Recipe recipe = Recipe.builder().epochs(5).build();
 * ImageTraining.classifier("resnet20", "folder:photos", recipe).run(Path.of("run"));
 * }</pre>
 */
public final class ImageTraining {
    private ImageTraining() {}

    /**
     * Opens labelled images and fits a classifier to them.
     *
     * @param model a preset, a spec, a run folder or a file of weights, as {@link ModelSource#of}
     *     reads it
     * @param data the images, as {@link DataSource#parse} reads them
     * @return the plan, to be run or closed by the caller
     * @throws io.residuum.spec.SpecException if the model is no classifier of images
     * @throws io.residuum.data.DataException if the images cannot be read
     */
    public static TrainingPlan classifier(String model, String data, Recipe recipe) {
        return classifier(
                ModelSource.of(model), DataSource.parse(data), recipe, LoadOptions.of(recipe));
    }

    /**
     * Opens labelled images and fits a classifier to them. It gets a new head if the images have
     * other classes, and the normalization of the training images if it has none. All other weights
     * stay.
     *
     * @param model the model, with weights or without
     * @param source the images
     * @param options the settings of opening images; the model decides on resizing
     * @return the plan, to be run or closed by the caller
     * @throws io.residuum.spec.SpecException if the model is no classifier of images
     * @throws io.residuum.data.DataException if the images cannot be read
     */
    public static TrainingPlan classifier(
            ModelSource model, DataSource source, Recipe recipe, LoadOptions options) {
        ModelSpec spec = model.spec();
        DataSplits data = source.forTraining(ImageInputs.shape(spec), options.resizedFor(spec));
        List<String> changes = new ArrayList<>();
        List<String> warnings = List.of();
        List<String> classes = data.train().classNames();
        long outputs = spec.classes();
        if (outputs == classes.size()) {
            ClassMatch match = ClassMatch.of(model, outputs, classes);
            data = data.labelledBy(match.names());
            warnings = match.warnings();
        } else {
            changes.add(ClassMatch.newHead(classes.size(), outputs));
            spec = spec.withClasses(classes.size());
        }
        if (ImageInputs.normalization(spec).isEmpty()) {
            spec = ImageInputs.normalizedBy(spec, data.measuredNormalization());
            changes.add(
                    "the input: normalized by the mean and standard deviation of the training"
                            + " images");
        }
        Task task = new ImageClassification(data, warnings);
        return new TrainingPlan(model, spec, recipe, task, changes, () -> {});
    }
}

package io.residuum.vision.train;

import io.residuum.engine.Backend;
import io.residuum.model.ClassMatch;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.train.ProgressListener;
import io.residuum.train.Recipe;
import io.residuum.train.Trainer;
import io.residuum.vision.data.DataSource;
import io.residuum.vision.data.DataSplits;
import io.residuum.vision.data.LoadOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A classifier that is fitted to images, ready for training. It gets a new head if the images have
 * other classes, and the normalization of the training images if it has none. All other weights of
 * the model stay.
 *
 * <pre>{@code
 * Recipe recipe = Recipe.builder().epochs(5).build();
 * ImageTraining.of("resnet20", "folder:photos", recipe).run(Path.of("run"));
 * }</pre>
 */
public final class ImageTraining {
    private final ModelSource model;
    private final ModelSpec spec;
    private final ImageClassification task;
    private final Recipe recipe;
    private final List<String> changes;
    private final List<String> warnings;

    private ImageTraining(
            ModelSource model, DataSource source, Recipe recipe, LoadOptions options) {
        DataSplits data =
                source.forTraining(
                        ImageInputs.shape(model.spec()), options.resizedFor(model.spec()));
        List<String> classes = data.train().classNames();
        List<String> changed = new ArrayList<>();
        ModelSpec fitted = model.spec();
        long outputs = fitted.classes();
        if (outputs == classes.size()) {
            ClassMatch match = ClassMatch.of(model, outputs, classes);
            data = data.labelledBy(match.names());
            warnings = match.warnings();
        } else {
            changed.add(ClassMatch.newHead(classes.size(), outputs));
            fitted = fitted.withClasses(classes.size());
            warnings = List.of();
        }
        if (ImageInputs.normalization(fitted).isEmpty()) {
            fitted = ImageInputs.normalizedBy(fitted, data.measuredNormalization());
            changed.add(
                    "the input: normalized by the mean and standard deviation of the training"
                            + " images");
        }
        this.model = model;
        this.spec = fitted;
        this.task = new ImageClassification(data);
        this.recipe = recipe;
        this.changes = List.copyOf(changed);
    }

    /**
     * Opens the images of a source and fits a model to them.
     *
     * @param model a preset, a spec, a run folder or a file of weights, as {@link ModelSource#of}
     *     reads it
     * @param data the images, as {@link DataSource#parse} reads them
     * @param recipe the recipe
     * @return the training, not started
     * @throws io.residuum.spec.SpecException if the model is no classifier of images
     * @throws io.residuum.vision.data.DataException if the images cannot be read
     */
    public static ImageTraining of(String model, String data, Recipe recipe) {
        return of(ModelSource.of(model), DataSource.parse(data), recipe, LoadOptions.of(recipe));
    }

    /**
     * Opens the images of a source and fits a model to them.
     *
     * @param model the model, with weights or without
     * @param data the images
     * @param recipe the recipe
     * @param options the settings of opening images; the model decides on resizing
     * @return the training, not started
     * @throws io.residuum.spec.SpecException if the model is no classifier of images
     * @throws io.residuum.vision.data.DataException if the images cannot be read
     */
    public static ImageTraining of(
            ModelSource model, DataSource data, Recipe recipe, LoadOptions options) {
        return new ImageTraining(model, data, recipe, options);
    }

    /** {@return the spec of the fitted model} */
    public ModelSpec spec() {
        return spec;
    }

    /** {@return the images as a task of {@link Trainer}} */
    public ImageClassification task() {
        return task;
    }

    /** {@return the changes that fit the model to the images, a line for people each} */
    public List<String> changes() {
        return changes;
    }

    /** {@return the doubts about the classes, a line for people each} */
    public List<String> warnings() {
        return warnings;
    }

    /**
     * Trains on the default engine without showing progress.
     *
     * @param folder the run folder to write
     * @return the result
     */
    public Trainer.Result run(Path folder) {
        try (Backend backend = Backend.open()) {
            return run(folder, backend, ProgressListener.NONE);
        }
    }

    /**
     * Trains.
     *
     * @param folder the run folder to write
     * @param backend the engine and device
     * @param listener receives the changes, the warnings and the progress
     * @return the result
     */
    public Trainer.Result run(Path folder, Backend backend, ProgressListener listener) {
        changes.forEach(listener::note);
        warnings.forEach(listener::note);
        try (Network network = model.open(spec, backend, recipe.seed(), plan -> {})) {
            return new Trainer(network, recipe, task, folder, listener).start();
        }
    }
}

package io.residuum.examples.cli.task;

import io.residuum.examples.cli.options.DataOptions;
import io.residuum.examples.cli.options.PictureOptions;
import io.residuum.model.ModelSource;
import io.residuum.spec.ModelSpec;
import io.residuum.train.Recipe;
import io.residuum.train.Task;
import io.residuum.train.plan.ClassMatch;
import io.residuum.train.plan.TrainingPlan;
import io.residuum.vision.detect.DetectionSource;
import io.residuum.vision.detect.DetectionTask;
import io.residuum.vision.detect.ObjectDetector;
import java.util.ArrayList;
import java.util.List;

/**
 * Pictures with boxes.
 *
 * @param text the value of {@code --data}
 * @param source the parsed value
 */
record DetectionDataTask(String text, DetectionSource source) implements TaskSource {

    @Override
    public Recipe defaultRecipe() {
        return SampleData.defaultRecipe().with().batch(8).build();
    }

    @Override
    public TrainingPlan plan(ModelSource model, Recipe recipe, DataOptions options) {
        PictureOptions pictures = options.ofPictures();
        DetectionSource.Splits splits = source.open(0, pictures.reader());
        int classes = splits.train().classNames().size();
        ModelSpec spec = ObjectDetector.withClasses(model.spec(), classes);
        List<String> changes = new ArrayList<>(changes(model.spec(), spec, classes));
        List<String> warnings = List.of();
        if (changes.isEmpty()) {
            ClassMatch match = ClassMatch.of(model, classes, splits.train().classNames());
            splits = splits.labelledBy(match.names());
            warnings = match.warnings();
        }
        Task task =
                DetectionTask.of(source.toString(), spec, splits, recipe.validation())
                        .withNotes(warnings);
        return new TrainingPlan(model, spec, recipe, task, changes, () -> {});
    }

    /** Returns a line about a new head, if there is one. */
    static List<String> changes(ModelSpec before, ModelSpec after, int classes) {
        return before.equals(after) ? List.of() : List.of(ClassMatch.newHead(classes, 0));
    }

    @Override
    public EvaluationJob evaluationJob(ModelSource model, DataOptions options, HeldOut heldOut) {
        heldOut.refuse(text);
        PictureOptions pictures = options.ofPictures();
        return SampleData.job(
                DetectionTask.toEvaluate(source, model.spec(), model.metadata(), pictures.reader()),
                () -> {});
    }
}

package io.residuum.examples.cli.options;

import io.residuum.spec.json.Defaults;
import io.residuum.train.RecipeBuilder;
import io.residuum.train.callback.CallbackSpec;
import io.residuum.train.callback.EarlyStopping;
import io.residuum.train.callback.TensorBoard;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of callbacks, which are added to those of a recipe. */
@HelpSection(HelpSection.TRAINING)
final class CallbackOptions {

    @Option(
            names = "--patience",
            paramLabel = "EPOCHS",
            description =
                    "Early stopping: end training after so many epochs without a lower validation"
                            + " loss. Default: none")
    private @Nullable Integer patience;

    @Option(
            names = "--tensorboard",
            description = "Write event files for TensorBoard into the run folder. Default: no")
    private boolean tensorboard;

    /** Adds the callbacks to those of the recipe from which a recipe starts. */
    void apply(List<CallbackSpec> start, RecipeBuilder recipe) {
        List<CallbackSpec> callbacks = new ArrayList<>(start);
        if (patience != null) {
            callbacks.removeIf(EarlyStopping.class::isInstance);
            callbacks.add(EarlyStopping.of(patience));
        }
        if (tensorboard && start.stream().noneMatch(TensorBoard.class::isInstance)) {
            callbacks.add(Defaults.of(TensorBoard.class));
        }
        recipe.callbacks(callbacks);
    }
}

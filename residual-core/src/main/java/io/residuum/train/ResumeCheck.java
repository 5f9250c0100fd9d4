package io.residuum.train;

import io.residuum.spec.ModelSpec;
import java.util.ArrayList;
import java.util.List;

/** What a run may be resumed with. */
final class ResumeCheck {
    private ResumeCheck() {}

    /**
     * Requires the same network and recipe as the checkpoint's. The recipe may have more epochs,
     * where the rates of those already done would have been the same.
     *
     * @throws TrainingException naming every difference
     */
    static void require(Checkpoint checkpoint, ModelSpec spec, Recipe recipe) {
        List<String> differences = new ArrayList<>();
        RecordDiff.between(checkpoint.spec(), spec).forEach(d -> differences.add("spec: " + d));
        Recipe there = checkpoint.recipe();
        Recipe longer =
                there.warmupEpochs() < recipe.epochs()
                        ? there.with().epochs(recipe.epochs()).build()
                        : there;
        RecordDiff.between(longer, recipe).forEach(d -> differences.add("recipe: " + d));
        if (!differences.isEmpty()) {
            throw new TrainingException(
                    "a run is resumed with the network and recipe it was begun with, but "
                            + String.join("; ", differences)
                            + " (there: the checkpoint). Use the same, or begin another run");
        }
        if (recipe.epochs() == there.epochs()) {
            return;
        }
        int done = checkpoint.state().epoch();
        if (recipe.epochs() < done) {
            throw new TrainingException(
                    "epochs must be at least the %d that are done, got %d"
                            .formatted(done, recipe.epochs()));
        }
        if (recipe.schedule().dependsOnEpochs()) {
            throw new TrainingException(
                    ("a run of %d epochs cannot go on to %d: its schedule (%s) is spread over all"
                         + " epochs, so that the %d done would have been trained at other rates."
                         + " Use a schedule that does not depend on them (constant, or step with"
                         + " milestones in epochs), or begin another run from model.safetensors")
                            .formatted(there.epochs(), recipe.epochs(), recipe.schedule(), done));
        }
    }
}

package io.residuum.train;

import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.RecordDiff;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Checks the settings of a resumed run. */
final class ResumeCheck {
    private ResumeCheck() {}

    /** Returns a note if the engine has another number of threads than before; 0 for a GPU. */
    static Optional<String> threads(Checkpoint checkpoint, int now) {
        int before = checkpoint.threads();
        return before > 0 && now > 0 && before != now
                ? Optional.of(
                        "the run began with %d threads and continues with %d, so its last digits may differ; set OMP_NUM_THREADS=%d to repeat them"
                                .formatted(before, now, before))
                : Optional.empty();
    }

    /**
     * Checks that data, network and recipe are those of the checkpoint. More epochs are allowed if
     * the learning rates of the epochs done stay the same. The exception names every difference.
     */
    static void require(
            Checkpoint checkpoint, ModelSpec spec, Recipe recipe, Optional<String> data) {
        String dataThere = checkpoint.data();
        if (dataThere != null && data.isPresent() && !data.get().equals(dataThere)) {
            throw new TrainingException(
                    "resuming needs the data of the checkpoint, %s, but got %s. Use the same data, or start a new run"
                            .formatted(dataThere, data.get()));
        }
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
                    "resuming needs the network and recipe of the checkpoint, but "
                            + String.join("; ", differences)
                            + ". Use the same ones, or start a new run");
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
                    ("epochs must stay %d with the schedule %s, got %d: the learning rates of the"
                         + " %d epochs done would have been different. Use a schedule that does not"
                         + " depend on epochs (constant, or step with milestones in epochs), or"
                         + " start a new run from model.safetensors")
                            .formatted(there.epochs(), recipe.schedule(), recipe.epochs(), done));
        }
    }
}

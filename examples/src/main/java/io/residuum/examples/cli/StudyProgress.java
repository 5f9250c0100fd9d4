package io.residuum.examples.cli;

import io.residuum.examples.cli.options.Bars;
import io.residuum.examples.cli.options.Output;
import io.residuum.train.ProgressListener;
import io.residuum.train.Task;
import io.residuum.train.study.RunResult;
import io.residuum.train.study.StudyListener;
import io.residuum.train.study.StudyRun;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** Prints the progress of a study: a line per run, and in it the progress of training. */
final class StudyProgress implements StudyListener, AutoCloseable {
    private final Output output;
    private @Nullable TrainingProgress training;
    private boolean described;

    StudyProgress(Output output) {
        this.output = output;
    }

    @Override
    public void starts(StudyRun run, int number, int runs, OptionalDouble secondsLeft) {
        close();
        String left =
                secondsLeft.isPresent()
                        ? ", about "
                                + TrainingProgress.duration(secondsLeft.getAsDouble())
                                + " left"
                        : "";
        output.note("run      %d of %d: %s%s", number, runs, run.label(), left);
    }

    @Override
    public ProgressListener trains(StudyRun run, Task task) {
        if (!described) {
            output.note("data     " + task.description());
            described = true;
        }
        TrainingProgress progress = new TrainingProgress(output, task.unit(), Bars.onTerminal());
        training = progress;
        return progress;
    }

    @Override
    public void ended(RunResult run) {
        String reason = run.result().reason();
        if (reason != null) {
            output.warn(run.run().label() + " diverged: " + reason);
        }
    }

    /** Removes an unfinished bar from the screen. */
    @Override
    public void close() {
        if (training != null) {
            training.close();
        }
    }
}

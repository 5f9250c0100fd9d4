package io.residuum.examples.cli;

import io.residuum.examples.cli.options.Output;
import io.residuum.train.ProgressListener;
import io.residuum.train.study.RunResult;
import io.residuum.train.study.StudyListener;
import io.residuum.train.study.StudyRun;
import org.jspecify.annotations.Nullable;

/** Prints the progress of a study: a line per run, and in it the progress of training. */
final class StudyProgress implements StudyListener, AutoCloseable {
    private final Output output;
    private @Nullable TrainingProgress training;

    StudyProgress(Output output) {
        this.output = output;
    }

    @Override
    public ProgressListener starts(StudyRun run, Start start) {
        close();
        if (start.number() == 1) {
            output.note("data     " + start.data());
        }
        output.note(
                "run      %d of %d: %s%s",
                start.number(),
                start.runs(),
                run.label(),
                start.secondsLeft().isPresent()
                        ? ", about "
                                + TrainingProgress.duration(start.secondsLeft().getAsDouble())
                                + " left"
                        : "");
        training = new TrainingProgress(output, start.unit(), TrainingProgress.onTerminal());
        return training;
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

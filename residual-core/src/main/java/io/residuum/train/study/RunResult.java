package io.residuum.train.study;

import io.residuum.train.Metrics;
import java.util.List;

/**
 * A run with its result.
 *
 * @param run the run
 * @param result the result
 * @param curve the epochs
 */
public record RunResult(StudyRun run, RunRecord result, List<Metrics.Epoch> curve) {
    public RunResult {
        curve = List.copyOf(curve);
    }

    boolean finished() {
        return result.outcome() == RunRecord.Outcome.FINISHED;
    }

    boolean diverged() {
        return result.outcome() == RunRecord.Outcome.DIVERGED;
    }
}

package io.residuum.train.study;

import io.residuum.model.Summary;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * Estimates the time of the runs that have not ended: as long as the other runs of the variant, or
 * else by multiply-accumulates and epochs.
 */
final class TimeLeft {
    private final Study study;
    private final List<RunResult> ended;
    private final Map<Variant, Double> work = new HashMap<>();

    TimeLeft(Study study, List<RunResult> ended) {
        this.study = study;
        this.ended = ended;
    }

    /** Returns the time in seconds; empty if no run has finished. */
    OptionalDouble seconds() {
        List<RunResult> finished = ended.stream().filter(RunResult::finished).toList();
        double trained = finished.stream().mapToDouble(r -> work(r.run().variant())).sum();
        if (trained == 0) {
            return OptionalDouble.empty();
        }
        double pace = finished.stream().mapToDouble(r -> r.result().seconds()).sum() / trained;
        double left = 0;
        for (VariantResult variant : StudyResult.of(study, ended).variants()) {
            int runs = study.seeds().size() - variant.runs().size();
            left += runs * variant.seconds().orElse(pace * work(variant.variant()));
        }
        return OptionalDouble.of(left);
    }

    private double work(Variant variant) {
        return work.computeIfAbsent(
                variant,
                v -> (double) Summary.of(v.model().spec()).total().macs() * v.recipe().epochs());
    }
}

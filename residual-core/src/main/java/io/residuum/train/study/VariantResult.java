package io.residuum.train.study;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * The runs of a variant that have ended.
 *
 * @param variant the variant
 * @param runs its runs, in the order of the seeds; empty before the first ends
 */
public record VariantResult(Variant variant, List<RunResult> runs) {
    public VariantResult {
        runs = List.copyOf(runs);
    }

    /** {@return the number of runs that diverged} */
    public int diverged() {
        return (int) runs.stream().filter(RunResult::diverged).count();
    }

    /**
     * {@return the spread of a measure over the runs that did not diverge; empty if none has it}
     *
     * @param measure a key of {@link RunRecord#measures}
     */
    public Optional<Interval> spread(String measure) {
        List<Double> values =
                runs.stream()
                        .filter(run -> !run.diverged())
                        .map(run -> run.result().measures().get(measure))
                        .filter(Objects::nonNull)
                        .toList();
        return values.isEmpty() ? Optional.empty() : Optional.of(Interval.of(values));
    }

    /** Returns the epochs of the longest run that did not diverge. */
    int epochs() {
        return runs.stream()
                .filter(run -> !run.diverged())
                .mapToInt(run -> run.result().epochs())
                .max()
                .orElse(0);
    }

    /** {@return the mean time of a finished run in seconds; empty if none finished} */
    public OptionalDouble seconds() {
        return runs.stream()
                .filter(RunResult::finished)
                .mapToDouble(run -> run.result().seconds())
                .average();
    }

    /** Returns the names of all measures of the runs. */
    Set<String> measures() {
        Set<String> names = new LinkedHashSet<>();
        runs.forEach(run -> names.addAll(run.result().measures().keySet()));
        return names;
    }
}

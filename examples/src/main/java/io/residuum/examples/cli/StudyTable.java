package io.residuum.examples.cli;

import io.residuum.examples.cli.options.Output;
import io.residuum.train.study.Estimate;
import io.residuum.train.study.Interval;
import io.residuum.train.study.RunRecord;
import io.residuum.train.study.RunResult;
import io.residuum.train.study.Study;
import io.residuum.train.study.StudyResult;
import io.residuum.train.study.StudyRunner;
import io.residuum.train.study.VariantResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/** Prints the table of a study. */
final class StudyTable {
    private StudyTable() {}

    static void print(StudyResult result, Output output) {
        String measure = result.ranking().key();
        List<List<String>> rows = new ArrayList<>();
        rows.add(
                List.of(
                        "variant",
                        measure,
                        "deviation",
                        "95% interval",
                        "runs",
                        "diverged",
                        "parameters",
                        "MACs",
                        "time"));
        for (VariantResult variant : result.rows()) {
            Optional<Interval> spread = variant.spread(measure);
            Optional<RunRecord> any = variant.runs().stream().map(RunResult::result).findFirst();
            rows.add(
                    List.of(
                            variant.variant().name(),
                            spread.map(s -> number(s.mean())).orElse("-"),
                            spread.map(Interval::deviation).map(StudyTable::number).orElse("-"),
                            spread.map(StudyTable::interval).orElse("-"),
                            Integer.toString(variant.runs().size()),
                            Integer.toString(variant.diverged()),
                            any.map(r -> Output.grouped(r.parameters())).orElse("-"),
                            any.map(r -> Output.grouped(r.macs())).orElse("-"),
                            variant.seconds().isPresent()
                                    ? TrainingProgress.duration(variant.seconds().getAsDouble())
                                    : "-"));
        }
        Output.table(rows, IntStream.range(1, rows.get(0).size()).boxed().toList())
                .forEach(output::result);
    }

    /** Prints what a study will cost. */
    static void print(Study study, StudyRunner runner, Output output) {
        List<Estimate> estimates = runner.estimate();
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("variant", "runs", "parameters", "MACs", "updates a run", "time a run"));
        for (Estimate e : estimates) {
            rows.add(
                    List.of(
                            e.variant().name(),
                            Integer.toString(study.seeds().size()),
                            Output.grouped(e.parameters()),
                            Output.grouped(e.macs()),
                            Output.grouped(e.updates()),
                            TrainingProgress.duration(e.seconds())));
        }
        Output.table(rows, IntStream.range(1, rows.get(0).size()).boxed().toList())
                .forEach(output::result);
        output.result(
                "%d runs, about %s in all: times are estimates from a few measured updates",
                study.variants().size() * study.seeds().size(),
                TrainingProgress.duration(runner.seconds(estimates)));
    }

    private static String interval(Interval spread) {
        Double low = spread.low();
        Double high = spread.high();
        return low == null || high == null ? "-" : number(low) + " to " + number(high);
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }
}

package io.residuum.train.study;

import io.residuum.json.Json;
import io.residuum.model.Summary;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * The results of a study so far.
 *
 * @param study the study
 * @param variants its variants in its order, with the runs that have ended
 * @param ranking the measure that ranks them
 */
public record StudyResult(Study study, List<VariantResult> variants, Ranking ranking) {
    public StudyResult {
        variants = List.copyOf(variants);
    }

    static StudyResult of(Study study, List<RunResult> ended) {
        // Processes end in any order, and the digits of a mean depend on it.
        Comparator<RunResult> bySeed =
                Comparator.comparing(r -> study.seeds().indexOf(r.run().seed()));
        List<VariantResult> variants =
                study.variants().stream()
                        .map(
                                variant ->
                                        new VariantResult(
                                                variant,
                                                ended.stream()
                                                        .filter(r -> r.run().variant() == variant)
                                                        .sorted(bySeed)
                                                        .toList()))
                        .toList();
        return new StudyResult(study, variants, Ranking.of(study, variants));
    }

    /** {@return true if every run has ended} */
    public boolean isComplete() {
        return variants.stream().allMatch(v -> v.runs().size() == study.seeds().size());
    }

    /**
     * {@return the variants as tables show them: in a search those first that trained longest, and
     * of these the best}
     */
    public List<VariantResult> rows() {
        return study.search() == null ? variants : variants.stream().sorted(order()).toList();
    }

    /** Returns the order of variants. The measure of a run that was dropped early comes later. */
    private Comparator<VariantResult> order() {
        return study.search() instanceof Search.SuccessiveHalving
                ? Comparator.comparing(VariantResult::epochs)
                        .reversed()
                        .thenComparing(ranking.order())
                : ranking.order();
    }

    /** {@return the best variant by its mean; empty if no run has the measure} */
    public Optional<VariantResult> best() {
        return ranked().stream().findFirst();
    }

    /** {@return the worst variant by its mean; empty if no run has the measure} */
    public Optional<VariantResult> worst() {
        List<VariantResult> ranked = ranked();
        return ranked.isEmpty() ? Optional.empty() : Optional.of(ranked.get(ranked.size() - 1));
    }

    /** Returns the variants that have the measure, the best first. */
    List<VariantResult> ranked() {
        return variants.stream()
                .filter(v -> v.spread(ranking.key()).isPresent())
                .sorted(order())
                .toList();
    }

    /**
     * Estimates the time of the runs that have not ended: as long as the other runs of the variant,
     * or else by multiply-accumulates and epochs. Returns seconds for several processes; empty if
     * no run has finished.
     */
    OptionalDouble secondsLeft(int processes) {
        double worked = 0;
        double seconds = 0;
        for (VariantResult variant : variants) {
            long finished = variant.runs().stream().filter(RunResult::finished).count();
            worked += finished == 0 ? 0 : finished * work(variant.variant());
            seconds += finished * variant.seconds().orElse(0);
        }
        if (worked == 0) {
            return OptionalDouble.empty();
        }
        double left = 0;
        for (VariantResult variant : variants) {
            int runs = study.seeds().size() - variant.runs().size();
            if (runs > 0) {
                OptionalDouble known = variant.seconds();
                left +=
                        runs
                                * (known.isPresent()
                                        ? known.getAsDouble()
                                        : seconds / worked * work(variant.variant()));
            }
        }
        return OptionalDouble.of(left / processes);
    }

    private static double work(Variant variant) {
        return (double) Summary.of(variant.model().spec()).total().macs()
                * variant.recipe().epochs();
    }

    /** Returns the names of all measures: those of the test data, validation, training. */
    List<String> measures() {
        Set<String> all = new LinkedHashSet<>();
        variants.forEach(v -> all.addAll(v.measures()));
        List<String> sorted = new ArrayList<>();
        for (String part : List.of("test ", "validation ", "train ")) {
            all.stream().filter(m -> m.startsWith(part)).forEach(sorted::add);
        }
        return sorted;
    }

    /** {@return all numbers, as {@code study.json} has them} */
    public String json() {
        List<Object> rows = new ArrayList<>();
        for (VariantResult variant : rows()) {
            Map<String, @Nullable Object> row = new LinkedHashMap<>();
            row.put("variant", variant.variant().name());
            row.put("folder", variant.variant().fileName());
            row.put("settings", settings(variant.variant()));
            Map<String, Object> spreads = new LinkedHashMap<>();
            measures()
                    .forEach(
                            name ->
                                    variant.spread(name)
                                            .ifPresent(spread -> spreads.put(name, spread)));
            row.put("diverged", variant.diverged());
            row.put("measures", spreads);
            List<Object> runs = new ArrayList<>();
            for (RunResult run : variant.runs()) {
                Map<String, Json> members = new LinkedHashMap<>();
                members.put("seed", Json.of(run.run().seed()));
                members.putAll(run.result().json().members());
                runs.add(members);
            }
            row.put("runs", runs);
            rows.add(row);
        }
        Map<String, @Nullable Object> all = new LinkedHashMap<>();
        all.put("study", study.name());
        all.put("description", study.description());
        all.put("data", study.data());
        all.put("measure", ranking.key());
        all.put("complete", isComplete());
        all.put("variants", rows);
        return Json.of(all).pretty();
    }

    private static Map<String, String> settings(Variant variant) {
        Map<String, String> settings = new LinkedHashMap<>();
        variant.settings().forEach(s -> settings.put(s.path(), s.value()));
        return settings;
    }
}

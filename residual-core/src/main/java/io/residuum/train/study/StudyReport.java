package io.residuum.train.study;

import io.residuum.draw.Markup;
import io.residuum.draw.Numbers;
import io.residuum.draw.Page;
import io.residuum.draw.Section;
import io.residuum.draw.SvgChart;
import io.residuum.json.Json;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.RunFolder;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Writes the report of a study: tables, curves, recipes and networks on one page. */
final class StudyReport {
    private final StudyResult result;
    private final Ranking ranking;
    private final StudyCharts charts;
    private final StudyFolder folder;
    private final String backend;

    StudyReport(StudyResult result, StudyCharts charts, StudyFolder folder, String backend) {
        this.result = result;
        this.ranking = result.ranking();
        this.charts = charts;
        this.folder = folder;
        this.backend = backend;
    }

    String html() {
        List<Section> sections = new ArrayList<>();
        sections.add(results());
        curves().ifPresent(sections::add);
        sections.add(runs());
        sections.add(recipes());
        sections.add(networks());
        sections.add(environment());
        String subtitle =
                result.study().description().isEmpty()
                        ? Objects.requireNonNullElse(result.study().data(), "")
                        : result.study().description();
        return Page.html("Study", result.study().name(), subtitle, headline(), sections);
    }

    private Map<String, String> headline() {
        Map<String, String> numbers = new LinkedHashMap<>();
        result.best()
                .ifPresent(
                        best ->
                                numbers.put(
                                        "Best " + ranking.key(),
                                        mean(best, ranking.key()) + ": " + best.variant().name()));
        result.worst()
                .filter(w -> result.variants().size() > 1)
                .ifPresent(
                        worst ->
                                numbers.put(
                                        "Worst",
                                        mean(worst, ranking.key())
                                                + ": "
                                                + worst.variant().name()));
        int ended = result.variants().stream().mapToInt(v -> v.runs().size()).sum();
        int all = result.variants().size() * result.study().seeds().size();
        numbers.put("Runs", ended == all ? Integer.toString(all) : ended + " of " + all);
        numbers.put(
                "Training time",
                Numbers.duration(
                        result.variants().stream()
                                .flatMap(v -> v.runs().stream())
                                .mapToDouble(r -> r.result().seconds())
                                .sum()));
        return numbers;
    }

    private Section results() {
        Markup body = new Markup();
        body.leaf(
                "p",
                "Mean, sample standard deviation and 95% confidence interval of the mean (Student's"
                        + " t) over the seeds that did not diverge. The "
                        + ranking.key()
                        + " ranks the variants. Validation is that of the best epoch, training that"
                        + " of the last one.",
                "class",
                "lead");
        List<String> measures = shown();
        body.open("div", "class", "wide").open("table", "class", "numbers");
        List<String> head = new ArrayList<>();
        for (String measure : measures) {
            head.add(measure);
            if (measure.equals(ranking.key())) {
                head.addAll(List.of("deviation", "95% interval"));
            }
        }
        head.addAll(List.of("runs", "parameters", "MACs", "time a run"));
        row(body, "thead", "variant", head);
        body.open("tbody");
        Optional<VariantResult> best = result.best();
        for (VariantResult variant : result.rows()) {
            body.open("tr", "class", best.filter(variant::equals).isPresent() ? "best" : "variant");
            body.leaf("th", named(variant.variant()), "scope", "row", "class", "name");
            for (String measure : measures) {
                body.leaf("td", mean(variant, measure));
                if (measure.equals(ranking.key())) {
                    Optional<Interval> spread = variant.spread(measure);
                    body.leaf(
                            "td",
                            spread.map(Interval::deviation)
                                    .map(d -> format(measure, d))
                                    .orElse("–"));
                    body.leaf("td", spread.map(s -> interval(measure, s)).orElse("–"));
                }
            }
            int diverged = variant.diverged();
            body.leaf(
                    "td",
                    variant.runs().size() + (diverged == 0 ? "" : ", " + diverged + " diverged"));
            Optional<RunRecord> any = variant.runs().stream().map(RunResult::result).findFirst();
            body.leaf("td", any.map(r -> Numbers.compact(r.parameters())).orElse("–"));
            body.leaf("td", any.map(r -> Numbers.compact(r.macs())).orElse("–"));
            body.leaf("td", Numbers.duration(variant.seconds().orElse(Double.NaN))).close();
        }
        body.close().close().close();
        return new Section("results", "Results", body);
    }

    /** Returns the measures of the table: accuracy, loss and the one that ranks. */
    private List<String> shown() {
        List<String> all = result.measures();
        List<String> shown = new ArrayList<>();
        if (all.contains(ranking.key())) {
            shown.add(ranking.key());
        }
        all.stream()
                .filter(m -> m.endsWith(" accuracy") || m.endsWith(" loss"))
                .filter(m -> m.split(" ").length == 2 && !shown.contains(m))
                .forEach(shown::add);
        return shown;
    }

    private static void row(Markup body, String part, String name, List<String> cells) {
        body.open(part).open("tr").leaf("th", name, "scope", "col", "class", "name");
        cells.forEach(cell -> body.leaf("th", cell, "scope", "col"));
        body.close().close();
    }

    private static String mean(VariantResult variant, String measure) {
        return variant.spread(measure).map(s -> format(measure, s.mean())).orElse("–");
    }

    private static String interval(String measure, Interval spread) {
        Double low = spread.low();
        Double high = spread.high();
        return low == null || high == null
                ? "–"
                : format(measure, low) + " to " + format(measure, high);
    }

    private static String format(String measure, double value) {
        return measure.endsWith("accuracy") ? Numbers.percent(value) : Numbers.significant(value);
    }

    /** Returns the name of a variant, with its settings if the name does not tell them. */
    private String named(Variant variant) {
        if (result.study().search() == null) {
            return variant.name();
        }
        StringBuilder name = new StringBuilder(variant.name());
        variant.settings()
                .forEach(s -> name.append(", ").append(s.key()).append(' ').append(s.value()));
        return name.toString();
    }

    private Optional<Section> curves() {
        List<SvgChart> drawn = charts.all();
        if (drawn.isEmpty()) {
            return Optional.empty();
        }
        Markup body = new Markup();
        body.leaf(
                "p",
                "Solid: validation, the mean of the seeds, and the range between the lowest and the"
                        + " highest one. Dashed: training. Without validation data, solid is"
                        + " training.",
                "class",
                "lead");
        body.open("div", "class", "charts");
        drawn.forEach(chart -> body.open("figure").append(chart.draw()).close());
        body.close();
        return Optional.of(new Section("curves", "Curves", body));
    }

    private Section runs() {
        Markup body = new Markup();
        List<String> measures = shown();
        body.open("div", "class", "wide").open("table", "class", "numbers");
        List<String> head = new ArrayList<>(List.of("seed", "outcome", "epochs", "best epoch"));
        head.addAll(measures);
        head.add("time");
        row(body, "thead", "variant", head);
        body.open("tbody");
        for (VariantResult variant : result.rows()) {
            for (RunResult run : variant.runs()) {
                RunRecord record = run.result();
                body.open("tr");
                body.leaf("th", variant.variant().name(), "scope", "row", "class", "name");
                Path report = new RunFolder(run.run().folder()).report();
                body.open("td").leaf("a", "" + run.run().seed(), "href", href(report)).close();
                body.leaf("td", outcome(record));
                body.leaf("td", Integer.toString(record.epochs()));
                body.leaf("td", record.bestEpoch() == 0 ? "–" : "" + record.bestEpoch());
                measures.forEach(
                        m ->
                                body.leaf(
                                        "td",
                                        Optional.ofNullable(record.measures().get(m))
                                                .map(v -> format(m, v))
                                                .orElse("–")));
                body.leaf("td", Numbers.duration(record.seconds())).close();
            }
        }
        body.close().close().close();
        return new Section("runs", "Runs", body);
    }

    private static String outcome(RunRecord record) {
        String outcome = record.outcome().name().toLowerCase(Locale.ROOT);
        return record.outcome() == RunRecord.Outcome.DIVERGED
                ? outcome + " in epoch " + (record.epochs() + 1)
                : outcome;
    }

    /** Shows a recipe in full, and what the other variants have differently. */
    private Section recipes() {
        SpecJson json = SpecJson.standard();
        Markup body = new Markup();
        Variant first = result.variants().get(0).variant();
        Json.Obj base = (Json.Obj) json.tree(first.recipe());
        body.leaf("pre", base.without("seed").pretty().stripTrailing());
        for (VariantResult variant : result.variants()) {
            Map<String, Json> others = new LinkedHashMap<>();
            json.tree(variant.variant().recipe())
                    .members()
                    .forEach(
                            (key, value) -> {
                                if (!value.equals(base.get(key))) {
                                    others.put(key, value);
                                }
                            });
            if (!others.isEmpty()) {
                body.leaf("h3", variant.variant().name() + " differs in");
                body.leaf("pre", Json.of(others).pretty().stripTrailing());
            }
        }
        return new Section("recipe", "Recipe", body);
    }

    private Section networks() {
        Markup body = new Markup();
        SpecJson json = SpecJson.standard();
        for (VariantResult variant : result.variants()) {
            body.open("details").leaf("summary", variant.variant().name());
            body.leaf("pre", json.write(variant.variant().model().spec()).stripTrailing());
            Path trained = folder.spec(variant.variant());
            if (Files.exists(trained)) {
                body.open("p");
                body.leaf("a", "as it was trained, layer by layer", "href", href(trained));
                body.close();
            }
            body.close();
        }
        return new Section("networks", "Networks", body);
    }

    /** Returns the address of a file from the page. */
    private String href(Path file) {
        return folder.path()
                .relativize(file)
                .toString()
                .replace('\\', '/')
                .replace("%", "%25")
                .replace("#", "%23");
    }

    private Section environment() {
        Markup body = new Markup().open("dl", "class", "facts");
        Map<String, String> facts = new LinkedHashMap<>();
        String data = result.study().data();
        if (data != null) {
            facts.put("Data", data);
        }
        facts.put("Seeds", result.study().seeds().toString().replaceAll("[\\[\\]]", ""));
        facts.put("Engine", backend);
        facts.put("Java", Runtime.version().toString());
        facts.put(
                "System",
                "%s %s, %d processors"
                        .formatted(
                                System.getProperty("os.name"),
                                System.getProperty("os.arch"),
                                Runtime.getRuntime().availableProcessors()));
        facts.forEach((key, value) -> body.open("div").leaf("dt", key).leaf("dd", value).close());
        body.close();
        return new Section("environment", "Environment", body);
    }
}

package io.residuum.examples.cli;

import io.residuum.ResiduumException;
import io.residuum.engine.Backend;
import io.residuum.examples.cli.options.BackendOptions;
import io.residuum.examples.cli.options.DataOptions;
import io.residuum.examples.cli.options.HelpSection;
import io.residuum.examples.cli.options.ModelArgument;
import io.residuum.examples.cli.options.Options;
import io.residuum.examples.cli.options.Output;
import io.residuum.examples.cli.options.PictureOptions;
import io.residuum.examples.cli.options.TextOptions;
import io.residuum.examples.cli.options.WeightsOption;
import io.residuum.examples.cli.task.DataOption;
import io.residuum.examples.cli.task.HeldOut;
import io.residuum.examples.cli.task.TaskSource;
import io.residuum.files.AtomicFiles;
import io.residuum.inspect.Analysis;
import io.residuum.inspect.Comparison;
import io.residuum.inspect.Finding;
import io.residuum.inspect.Inspection;
import io.residuum.inspect.Subject;
import io.residuum.inspect.Table;
import io.residuum.json.Json;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.Recipe;
import io.residuum.train.plan.TrainingPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Analyzes what the units of a network and their shortcuts do. */
@Command(
        name = "inspect",
        description = {
            "Analyze what the units of a network and their shortcuts do.",
            "",
            "Runs one or more analyses on the training samples of --data, or on random numbers, and"
                + " prints their tables. lesion evaluates on the data that evaluate chooses, all of"
                + " them. A preset or a spec is analyzed at initialization, with batch norms as in"
                + " training, a model with weights as it was trained.",
            ""
        },
        footer = {
            "  residuum inspect resnet56 --what gradients",
            "  residuum inspect runs/first --what all --data digits -o inspection"
        })
@HelpSection("Analysis")
final class InspectCommand implements Callable<Integer> {
    private static final int SAMPLES = 128;
    private static final int BATCH = 32;
    private static final int LONGEST_TABLE = 60;
    private static final String ALL = "all";

    @Spec private CommandSpec spec;

    @Mixin private ModelArgument model;

    @Option(
            names = "--what",
            paramLabel = "ANALYSIS",
            required = true,
            arity = "1",
            description =
                    "Names of analyses, such as signal,gradients; all for those that fit the"
                            + " network and the data; or the settings of one in JSON, such as"
                            + " '{\"type\": \"shattering\", \"lines\": 8}'. May be repeated.")
    private List<String> what = new ArrayList<>();

    @Option(
            names = "--compare",
            paramLabel = "MODEL2",
            arity = "1",
            description =
                    "Analyze another model in the same way, and draw one curve for each model. May"
                            + " be repeated. --weights are those of MODEL.")
    private List<String> others = new ArrayList<>();

    @ArgGroup private @Nullable DataOption data;

    @Option(
            names = "--samples",
            paramLabel = "N",
            description =
                    "Number of samples: images, texts, rows. The last batch is read whole. Default:"
                            + " "
                            + SAMPLES)
    private @Nullable Long samplesAsked;

    @Option(
            names = {"--batch", "--batch-size"},
            paramLabel = "N",
            description = "Number of samples in a pass. Default: " + BATCH)
    private @Nullable Integer batchAsked;

    private long samples;
    private int batch;

    @Option(names = "--seed", paramLabel = "N", description = "Seed. Default: 0")
    private long seed;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "PATH",
            description =
                    "Write the report to PATH.html, the numbers to PATH.json, or both, with tables"
                            + " as CSV and pictures as SVG, to the folder PATH. Default: none")
    private @Nullable Path out;

    @Option(names = "--json", description = "Print the numbers as JSON.")
    private boolean json;

    @Mixin private TextOptions text;

    @Mixin private PictureOptions pictures;

    @Mixin private WeightsOption weights;

    @Mixin private BackendOptions backend;

    @Override
    public Integer call() throws IOException {
        Output output = Output.of(spec);
        List<Analysis> analyses = analyses();
        checkSizes(analyses);
        checkOut();
        weights.check();
        Map<String, ModelSource> models = new LinkedHashMap<>();
        models.put(model.text(), weights.on(model.resolve()));
        for (String other : others) {
            if (models.putIfAbsent(other, ModelArgument.resolve(other, output)) != null) {
                throw Options.wrong(spec, "--compare must name other models, got %s twice", other);
            }
        }
        Map<String, Inspection> found = new LinkedHashMap<>();
        try (InspectProgress progress = new InspectProgress(output);
                Backend engine = backend.open(output)) {
            for (Map.Entry<String, ModelSource> entry : models.entrySet()) {
                if (models.size() > 1) {
                    progress.begin(entry.getKey());
                }
                found.put(
                        entry.getKey(),
                        inspect(entry.getValue(), analyses, engine, output, progress));
            }
        }
        write(found);
        print(found, output);
        return 0;
    }

    /** Sets the numbers of samples, and refuses options that no analysis reads. */
    private void checkSizes(List<Analysis> analyses) {
        Set<Analysis.Data> read = new HashSet<>();
        analyses.forEach(analysis -> read.add(analysis.data()));
        boolean reads = read.contains(Analysis.Data.SAMPLES);
        if (samplesAsked != null && !reads) {
            throw Options.wrong(
                    spec, "--samples has no effect on %s: leave the option out", names(analyses));
        }
        if (batchAsked != null && !reads && !read.contains(Analysis.Data.EVALUATION)) {
            throw Options.wrong(
                    spec, "--batch has no effect on %s: leave the option out", names(analyses));
        }
        samples = samplesAsked == null ? SAMPLES : samplesAsked;
        batch = batchAsked == null ? BATCH : batchAsked;
        Options.atLeast(spec, "--samples", samples, 1);
        Options.atLeast(spec, "--batch", batch, 1);
        if (reads) {
            batch = (int) Math.min(batch, samples);
        }
    }

    private void checkOut() {
        if (out == null || Files.isDirectory(out)) {
            return;
        }
        String name = out.toString().toLowerCase(Locale.ROOT);
        if (name.matches(".*\\.(svg|csv|pdf|png|htm)")) {
            throw Options.wrong(
                    spec,
                    "-o takes PATH.html, PATH.json or a folder, which gets the pictures as SVG and"
                            + " the tables as CSV, got %s",
                    name);
        }
    }

    private static String names(List<Analysis> analyses) {
        return analyses.stream().map(Analysis::name).collect(Collectors.joining(", "));
    }

    private List<Analysis> analyses() {
        Set<String> names = new TreeSet<>(SpecJson.standard().typeNames(Analysis.class));
        List<Analysis> analyses = new ArrayList<>();
        for (String text : what) {
            if (text.strip().startsWith("{")) {
                analyses.add(settings(text));
                continue;
            }
            for (String name : text.equals(ALL) ? names : List.of(text.split(",", -1))) {
                if (!names.contains(name.strip())) {
                    throw Options.wrong(spec, "%s", Options.unknownName("--what", name, names));
                }
                analyses.add(settings(Json.of(Map.of("type", name.strip())).compact()));
            }
        }
        Set<String> seen = new HashSet<>();
        for (Analysis analysis : analyses) {
            if (!seen.add(analysis.name())) {
                throw Options.wrong(
                        spec, "--what must name an analysis once, got %s twice", analysis.name());
            }
        }
        return analyses;
    }

    private Analysis settings(String json) {
        try {
            return SpecJson.standard().parse(json, "--what", Analysis.class);
        } catch (ResiduumException e) {
            throw Options.wrong(spec, "%s", String.valueOf(e.getMessage()));
        }
    }

    private Inspection inspect(
            ModelSource chosen,
            List<Analysis> analyses,
            Backend engine,
            Output output,
            InspectProgress progress) {
        if (data == null) {
            text.refuse();
            pictures.refuse();
            try (Network network = weights.open(chosen, chosen.spec(), engine, seed, output)) {
                return run(
                        Subject.random(network, samples, batch, seed, progress)
                                .withBatchStatistics(chosen.weights().isEmpty()),
                        analyses);
            }
        }
        TaskSource source = data.get();
        Recipe recipe = source.defaultRecipe().with().batch(batch).seed(seed).build();
        // Data without a training part can still be evaluated on.
        Predicate<Analysis> evaluates = a -> a.data() == Analysis.Data.EVALUATION;
        boolean train = what.contains(ALL) || !analyses.stream().allMatch(evaluates);
        boolean evaluate = !what.contains(ALL) && analyses.stream().anyMatch(evaluates);
        DataOptions options = new DataOptions(text, pictures);
        try (TrainingPlan plan = train ? source.plan(chosen, recipe, options) : null;
                TaskSource.EvaluationJob job =
                        evaluate
                                ? source.evaluationJob(chosen, options, HeldOut.of(spec, null))
                                : null;
                Network network =
                        weights.open(
                                chosen,
                                plan == null ? chosen.spec() : plan.spec(),
                                engine,
                                seed,
                                output)) {
            Set<String> warnings = new LinkedHashSet<>();
            if (plan != null) {
                warnings.addAll(plan.task().notes());
            }
            if (job != null) {
                warnings.addAll(job.warnings());
            }
            warnings.forEach(output::warn);
            Subject subject =
                    plan == null
                            ? Subject.random(network, batch, batch, seed, progress)
                            : Subject.of(network, plan.task(), recipe, samples, progress);
            subject = subject.withBatchStatistics(chosen.weights().isEmpty());
            return run(
                    job == null ? subject : subject.withEvaluation(job.description(), job.data()),
                    analyses);
        }
    }

    private Inspection run(Subject subject, List<Analysis> analyses) {
        return what.contains(ALL)
                ? Inspection.runFitting(subject, analyses)
                : Inspection.run(subject, analyses);
    }

    private void write(Map<String, Inspection> found) throws IOException {
        if (out == null) {
            return;
        }
        Comparison all = new Comparison(found);
        Inspection first = found.values().iterator().next();
        boolean one = found.size() == 1;
        String name = out.toString();
        if (name.endsWith(".html")) {
            AtomicFiles.writeString(out, one ? first.html() : all.html());
        } else if (name.endsWith(".json")) {
            AtomicFiles.writeString(out, one ? first.json() : all.json());
        } else if (one) {
            first.write(out);
        } else {
            all.write(out);
        }
    }

    private void print(Map<String, Inspection> found, Output output) {
        boolean one = found.size() == 1;
        if (json) {
            Inspection first = found.values().iterator().next();
            String numbers = one ? first.json() : new Comparison(found).json();
            output.result(numbers.stripTrailing());
            return;
        }
        found.forEach(
                (name, inspection) -> {
                    if (!one) {
                        output.result(name);
                        output.result("");
                    }
                    inspection
                            .omitted()
                            .forEach((a, why) -> output.note("left out " + a + ": " + why));
                    inspection.findings().forEach(finding -> print(finding, output));
                });
        if (out != null) {
            output.result("wrote " + out);
        }
    }

    private void print(Finding finding, Output output) {
        output.result(finding.title() + ". " + finding.text());
        for (Table table : finding.tables()) {
            output.result("");
            lines(table).forEach(output::result);
        }
        output.result("");
    }

    private List<String> lines(Table table) {
        if (table.rows().size() > LONGEST_TABLE) {
            return List.of(
                    "%s: %,d rows, in the %s"
                            .formatted(
                                    table.name(),
                                    table.rows().size(),
                                    out == null ? "files of -o and in --json" : "output"));
        }
        List<List<String>> rows = new ArrayList<>();
        rows.add(table.columns());
        table.text().forEach(rows::add);
        return Output.table(rows, IntStream.range(1, table.columns().size()).boxed().toList());
    }
}

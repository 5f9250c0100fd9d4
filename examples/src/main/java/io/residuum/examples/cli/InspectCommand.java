package io.residuum.examples.cli;

import io.residuum.engine.Backend;
import io.residuum.examples.cli.options.BackendOptions;
import io.residuum.examples.cli.options.ModelArgument;
import io.residuum.examples.cli.options.Options;
import io.residuum.examples.cli.options.Output;
import io.residuum.examples.cli.options.PictureOptions;
import io.residuum.examples.cli.options.SampleOptions;
import io.residuum.examples.cli.options.TextOptions;
import io.residuum.examples.cli.options.WeightsOption;
import io.residuum.examples.cli.task.DataOption;
import io.residuum.examples.cli.task.HeldOut;
import io.residuum.examples.cli.task.TaskSource;
import io.residuum.files.AtomicFiles;
import io.residuum.inspect.Analysis;
import io.residuum.inspect.Finding;
import io.residuum.inspect.Inspection;
import io.residuum.inspect.InspectionListener;
import io.residuum.inspect.Subject;
import io.residuum.inspect.Table;
import io.residuum.json.Json;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.Recipe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import me.tongfei.progressbar.ProgressBar;
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
        })
final class InspectCommand implements Callable<Integer> {
    private static final int SAMPLES = 128;
    private static final int LONGEST_TABLE = 60;

    @Spec private CommandSpec spec;

    @Mixin private ModelArgument model;

    @Option(
            names = "--what",
            paramLabel = "ANALYSIS",
            required = true,
            arity = "1",
            description =
                    "Name of an analysis, such as signal, or its settings in JSON, such as"
                            + " '{\"type\": \"signal\"}'. May be repeated.")
    private List<String> what = new ArrayList<>();

    @ArgGroup private @Nullable DataOption data;

    @Option(
            names = "--samples",
            paramLabel = "N",
            description = "Number of samples: images, texts, rows. Default: " + SAMPLES)
    private long samples = SAMPLES;

    @Option(
            names = {"--batch", "--batch-size"},
            paramLabel = "N",
            description = "Number of samples in a pass. Default: 32")
    private int batch = 32;

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
        Options.atLeast(spec, "--samples", samples, 1);
        Options.atLeast(spec, "--batch", batch, 1);
        List<Analysis> analyses = what.stream().map(this::analysis).toList();
        weights.check();
        ModelSource chosen = weights.on(model.resolve());
        try (Bar bar = new Bar(output)) {
            Inspection found =
                    data == null
                            ? onRandomNumbers(chosen, analyses, bar, output)
                            : onData(chosen, analyses, data.get(), bar, output);
            bar.close();
            write(found);
            print(found, output);
        }
        return 0;
    }

    private Analysis analysis(String text) {
        SpecJson standard = SpecJson.standard();
        if (text.strip().startsWith("{")) {
            return standard.parse(text, "--what", Analysis.class);
        }
        Set<String> names = standard.typeNames(Analysis.class);
        if (!names.contains(text)) {
            throw Options.wrong(spec, "%s", Options.unknownName("--what", text, names));
        }
        return standard.parse(Json.of(Map.of("type", text)).compact(), "--what", Analysis.class);
    }

    private Inspection onRandomNumbers(
            ModelSource chosen, List<Analysis> analyses, Bar bar, Output output)
            throws IOException {
        text.refuse();
        pictures.refuse();
        try (Backend engine = backend.open(output);
                Network network = weights.open(chosen, chosen.spec(), engine, seed, output)) {
            Subject subject = Subject.random(network, samples, batch, seed, bar);
            return Inspection.run(
                    subject.withBatchStatistics(chosen.weights().isEmpty()), analyses);
        }
    }

    private Inspection onData(
            ModelSource chosen, List<Analysis> analyses, TaskSource source, Bar bar, Output output)
            throws IOException {
        Recipe recipe = source.defaultRecipe().with().batch(batch).seed(seed).build();
        boolean evaluate = analyses.stream().anyMatch(Analysis::evaluates);
        // Data without a training part can still be evaluated on.
        boolean train = !analyses.stream().allMatch(Analysis::evaluates);
        try (TaskSource.Plan plan =
                        train
                                ? source.plan(chosen, recipe, text, new SampleOptions(), pictures)
                                : null;
                TaskSource.EvaluationJob job =
                        evaluate
                                ? source.evaluationJob(
                                        chosen, text, pictures, HeldOut.of(spec, null))
                                : null;
                Backend engine = backend.open(output);
                Network network =
                        weights.open(
                                chosen,
                                plan == null ? chosen.spec() : plan.spec(),
                                engine,
                                seed,
                                output)) {
            Subject subject =
                    plan == null
                            ? Subject.random(network, samples, batch, seed, bar)
                            : Subject.of(network, plan.task(), recipe, samples, bar);
            subject = subject.withBatchStatistics(chosen.weights().isEmpty());
            return Inspection.run(
                    job == null ? subject : subject.withEvaluation(job.description(), job.data()),
                    analyses);
        }
    }

    private void write(Inspection found) throws IOException {
        if (out == null) {
            return;
        }
        String name = out.toString();
        if (name.endsWith(".html")) {
            AtomicFiles.writeString(out, found.html());
        } else if (name.endsWith(".json")) {
            AtomicFiles.writeString(out, found.json());
        } else {
            found.write(out);
        }
    }

    private void print(Inspection found, Output output) {
        if (json) {
            output.result(found.json().stripTrailing());
            return;
        }
        for (Finding finding : found.findings()) {
            output.result(finding.title() + ". " + finding.text());
            for (Table table : finding.tables()) {
                output.result("");
                lines(table).forEach(output::result);
            }
            output.result("");
        }
        if (out != null) {
            output.result("wrote " + out);
        }
    }

    private List<String> lines(Table table) {
        if (table.rows().size() > LONGEST_TABLE && out != null) {
            return List.of(
                    "%s: %,d rows, in the output".formatted(table.name(), table.rows().size()));
        }
        List<List<String>> rows = new ArrayList<>();
        rows.add(table.columns());
        table.text().forEach(rows::add);
        return Output.table(rows, IntStream.range(1, table.columns().size()).boxed().toList());
    }

    /** Draws one bar for each pass over the samples. */
    private static final class Bar implements InspectionListener, AutoCloseable {
        private final boolean shown;
        private String work = "";
        private @Nullable ProgressBar bar;

        Bar(Output output) {
            this.shown = TrainingProgress.onTerminal() && !output.quiet();
        }

        @Override
        public void progress(String next, long done, long total) {
            if (!shown) {
                return;
            }
            if (bar == null || !next.equals(work)) {
                close();
                work = next;
                bar = TrainingProgress.newBar(next, total).build();
            }
            bar.stepTo(done);
        }

        @Override
        public void close() {
            if (bar != null) {
                bar.close();
                bar = null;
            }
        }
    }
}

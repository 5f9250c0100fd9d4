package io.residuum.examples.cli;

import io.residuum.engine.Backend;
import io.residuum.engine.ExitGuard;
import io.residuum.engine.HostSettings;
import io.residuum.examples.cli.options.BackendOptions;
import io.residuum.examples.cli.options.DataOptions;
import io.residuum.examples.cli.options.HelpSection;
import io.residuum.examples.cli.options.Options;
import io.residuum.examples.cli.options.Output;
import io.residuum.examples.cli.options.PictureOptions;
import io.residuum.examples.cli.options.SampleOptions;
import io.residuum.examples.cli.options.TextOptions;
import io.residuum.examples.cli.task.DataOption;
import io.residuum.examples.cli.task.TaskSource;
import io.residuum.train.plan.TrainingPlan;
import io.residuum.train.study.Study;
import io.residuum.train.study.StudyData;
import io.residuum.train.study.StudyFolder;
import io.residuum.train.study.StudyResult;
import io.residuum.train.study.StudyRun;
import io.residuum.train.study.StudyRunner;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Trains all variants of a study. */
@Command(
        name = "study",
        description = {
            "Compare networks and recipes: train every variant of a study file with every seed.",
            "",
            "Writes a run folder for each run, and study.json, runs.csv, table.csv, curves.svg and"
                    + " report.html after each. Prints the table. A run whose loss is not finite is"
                    + " a result and does not end the study.",
            ""
        },
        footer = {
            "  residuum study study.json --dry-run",
            "  residuum study study.json --out runs/study"
        })
@HelpSection("Training")
final class StudyCommand implements Callable<Integer> {

    @Spec private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "FILE", description = "Study file (JSON).")
    private Path file;

    @Option(
            names = "--data",
            paramLabel = "DATA",
            description =
                    "Train on these data, as in residuum train. Default: data of the study file")
    private @Nullable String data;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Folder to write. Default: runs/NAME of NAME.json")
    private @Nullable Path out;

    @Option(
            names = "--resume",
            description =
                    "Continue the study in the folder. Variants and seeds may have been added.")
    private boolean resume;

    @Mixin private TextOptions text;

    @Mixin private SampleOptions samples;

    @Mixin private PictureOptions pictures;

    @Option(
            names = "--jobs",
            paramLabel = "N",
            description =
                    "Train N runs at once, each in a process with its share of the processors; the"
                            + " output of each is log.txt in its folder. Default: 1, in this"
                            + " process")
    private int jobs = 1;

    @Option(
            names = "--dry-run",
            description =
                    "Print runs, parameters, MACs and updates of each variant, and an estimate of"
                            + " the time from a few measured updates. Writes nothing.")
    private boolean dryRun;

    @Option(
            names = "--job",
            hidden = true,
            description = "Train one run, FOLDER of the study, for EPOCHS: what --jobs starts.",
            arity = "2")
    private List<String> job = List.of();

    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    @Mixin private BackendOptions backend;

    private @Nullable TaskSource source;

    @Override
    public Integer call() {
        Output output = Output.of(spec);
        Options.requireFile(spec, file.toString(), file);
        Study read = Study.read(file, named -> source(named).defaultRecipe());
        TaskSource chosen = Objects.requireNonNull(source);
        Study study = read.withData(chosen.text());
        StudyFolder folder = new StudyFolder(out == null ? Path.of("runs", study.name()) : out);
        Options.atLeast(spec, "--jobs", jobs, 1);
        OptionalInt threads = folder.threads(study);
        if (!job.isEmpty()) {
            HostSettings.useThreads(
                    threads.orElse(Math.max(1, Runtime.getRuntime().availableProcessors() / jobs)));
            return trainOne(study, chosen, folder, output);
        }
        if (!dryRun && folder.holdsStudy() != resume) {
            throw Options.wrong(
                    spec,
                    resume
                            ? "--resume needs the folder of a study, got %s"
                            : "%s already holds a study; use another folder (--out), or --resume",
                    folder.path());
        }
        threads.ifPresent(HostSettings::useThreads);
        try (Backend engine = backend.open(output);
                StudyProgress progress = new StudyProgress(output)) {
            output.note(
                    "study    %s: %d variants, %d seeds, in %s",
                    study.name(), study.variants().size(), study.seeds().size(), folder.path());
            StudyRunner runner =
                    new StudyRunner(study, openedBy(chosen), engine, folder.path(), progress);
            if (jobs > 1) {
                runner.useProcesses(jobs, this::launch);
            }
            if (dryRun) {
                StudyTable.print(study, runner, output);
                return 0;
            }
            // The guard keeps the process until the last line is printed.
            try (ExitGuard guard = new ExitGuard(runner::requestStop)) {
                StudyResult result = resume ? runner.resume() : runner.start();
                progress.close();
                return print(result, folder, output);
            }
        }
    }

    private int print(StudyResult result, StudyFolder folder, Output output) {
        if (!result.isComplete()) {
            output.note(Options.resumeLine(spec, resume));
            return Residuum.EXIT_INTERRUPTED;
        }
        if (json) {
            output.result(result.json().stripTrailing());
        } else {
            StudyTable.print(result, output);
            output.result("report " + folder.report());
        }
        return 0;
    }

    /** Trains a run for another process, which has the study. */
    private int trainOne(Study study, TaskSource chosen, StudyFolder folder, Output output) {
        try (Backend engine = backend.open(output);
                StudyProgress progress = new StudyProgress(output)) {
            StudyRunner runner =
                    new StudyRunner(study, openedBy(chosen), engine, folder.path(), progress);
            // A study that was killed could not stop its processes.
            ProcessHandle.current()
                    .parent()
                    .ifPresent(parent -> parent.onExit().thenRun(runner::requestStop));
            for (StudyRun run : runner.runs()) {
                if (run.folder().equals(Path.of(job.get(0)))) {
                    runner.trainRun(run, Integer.parseInt(job.get(1)));
                }
            }
        }
        return 0;
    }

    /** Starts this command again for one run. */
    private Process launch(StudyRun run, int epochs) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.add(Residuum.class.getName());
        command.addAll(arguments());
        command.addAll(List.of("--job", run.folder().toString(), Integer.toString(epochs)));
        Files.createDirectories(run.folder());
        File log = run.log().toFile();
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
                .start();
    }

    private List<String> arguments() {
        return spec.root().commandLine().getParseResult().originalArgs();
    }

    private TaskSource source(Optional<String> named) {
        String wanted = data == null ? named.orElse(null) : data;
        if (wanted == null) {
            throw Options.wrong(spec, "%s has no data; add \"data\", or use --data DATA", file);
        }
        TaskSource found = DataOption.parse(wanted);
        source = found;
        return found;
    }

    private StudyData openedBy(TaskSource chosen) {
        return (model, recipe) -> {
            TrainingPlan plan =
                    chosen.plan(model, recipe, new DataOptions(text, samples, pictures));
            return new StudyData.Opened(plan.task(), plan.spec(), plan.closing());
        };
    }
}

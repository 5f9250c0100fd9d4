package io.residuum.examples.cli;

import io.residuum.engine.Backend;
import io.residuum.engine.HostSettings;
import io.residuum.examples.cli.options.BackendOptions;
import io.residuum.examples.cli.options.Options;
import io.residuum.examples.cli.options.Output;
import io.residuum.examples.cli.options.PictureOptions;
import io.residuum.examples.cli.options.SampleOptions;
import io.residuum.examples.cli.options.TextOptions;
import io.residuum.examples.cli.task.DataOption;
import io.residuum.examples.cli.task.TaskSource;
import io.residuum.train.study.Study;
import io.residuum.train.study.StudyData;
import io.residuum.train.study.StudyFolder;
import io.residuum.train.study.StudyResult;
import io.residuum.train.study.StudyRunner;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
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
        })
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

    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    @Mixin private BackendOptions backend;

    private @Nullable TaskSource source;

    @Override
    public Integer call() {
        Output output = Output.of(spec);
        Options.requireFile(spec, file.toString(), file);
        Study study = Study.read(file, named -> source(named).defaultRecipe());
        StudyFolder folder = new StudyFolder(out == null ? Path.of("runs", study.name()) : out);
        if (folder.holdsStudy() != resume) {
            throw Options.wrong(
                    spec,
                    resume
                            ? "--resume needs the folder of a study, got %s"
                            : "%s already holds a study; use another folder (--out), or --resume",
                    folder.path());
        }
        folder.threads(study).ifPresent(HostSettings::useThreads);
        try (Backend engine = backend.open(output);
                StudyProgress progress = new StudyProgress(output)) {
            output.note(
                    "study    %s: %d variants, %d seeds, in %s",
                    study.name(), study.variants().size(), study.seeds().size(), folder.path());
            StudyRunner runner =
                    new StudyRunner(study, openedBy(source), engine, folder.path(), progress);
            StudyResult result = resume ? runner.resume() : runner.start();
            progress.close();
            if (!result.isComplete()) {
                output.note("stopped  resume with --resume");
                return Residuum.EXIT_INTERRUPTED;
            }
            if (json) {
                output.result(result.json().stripTrailing());
            } else {
                StudyTable.print(result, output);
                output.result("report " + folder.report());
            }
        }
        return 0;
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

    private StudyData openedBy(@Nullable TaskSource chosen) {
        TaskSource known = Objects.requireNonNull(chosen);
        return (model, recipe) -> {
            TaskSource.Plan plan = known.plan(model, recipe, text, samples, pictures);
            return new StudyData.Opened(plan.task(), plan.spec(), plan.closing());
        };
    }
}

package io.residuum.examples.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.residuum.examples.cli.bench.BenchCommand;
import io.residuum.examples.cli.convert.ExportAdapterCommand;
import io.residuum.examples.cli.convert.ExportCommand;
import io.residuum.examples.cli.convert.ExportWeightsCommand;
import io.residuum.examples.cli.convert.GrowCommand;
import io.residuum.examples.cli.convert.ImportCommand;
import io.residuum.examples.cli.convert.MergeCommand;
import io.residuum.examples.cli.convert.QuantizeCommand;
import io.residuum.examples.cli.convert.SolverCommand;
import io.residuum.examples.cli.options.HelpSection;
import io.residuum.examples.cli.options.Output;
import io.residuum.examples.cli.predict.EmbedCommand;
import io.residuum.examples.cli.predict.ExplainCommand;
import io.residuum.examples.cli.predict.PredictCommand;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * The {@code residuum} command. Results go to standard output, everything else to standard error.
 * Exit codes: 0 success, 1 failure, 2 usage error, 130 stopped by Ctrl-C.
 */
@Command(
        name = "residuum",
        description = "Build, train and run residual networks.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        versionProvider = Residuum.Version.class,
        sortOptions = false,
        usageHelpAutoWidth = true,
        footerHeading = "%nExamples:%n",
        scope = ScopeType.INHERIT)
public final class Residuum implements Runnable, Output.Verbosity {

    static final int EXIT_FAILED = 1;
    static final int EXIT_USAGE = 2;
    static final int EXIT_INTERRUPTED = 130;

    private static final List<Class<?>> COMMANDS =
            List.of(
                    ModelsCommand.class,
                    ShowCommand.class,
                    TrainCommand.class,
                    LearningRateCommand.class,
                    CrossValidateCommand.class,
                    StudyCommand.class,
                    EvaluateCommand.class,
                    CalibrateCommand.class,
                    PredictCommand.class,
                    EmbedCommand.class,
                    ExplainCommand.class,
                    InspectCommand.class,
                    GenerateCommand.class,
                    ServeCommand.class,
                    ImportCommand.class,
                    ExportWeightsCommand.class,
                    ExportAdapterCommand.class,
                    MergeCommand.class,
                    GrowCommand.class,
                    QuantizeCommand.class,
                    SolverCommand.class,
                    ExportCommand.class,
                    BenchCommand.class,
                    TokenizeCommand.class,
                    CompletionCommand.class,
                    ManCommand.class,
                    HelpCommand.class,
                    VersionCommand.class);

    /** These read all commands. */
    private static final Set<Class<?>> ABOUT_COMMANDS =
            Set.of(HelpCommand.class, CompletionCommand.class, ManCommand.class);

    private static final String[] EXAMPLES = {
        "  residuum models                         list the presets",
        "  residuum show resnet50                  show layers, shapes and costs",
        "  residuum train resnet20 --data digits   train on generated digits"
    };

    @Spec private CommandSpec spec;

    private boolean verbose;

    private boolean quiet;

    private Residuum() {}

    /**
     * Runs the command line and ends the process.
     *
     * @param args the arguments
     */
    public static void main(String[] args) {
        CommandLine line = commandLine(args);
        Utf8Process.useStreams(line);
        System.exit(run(line, args));
    }

    /**
     * {@return a new command line; its writers can be replaced}
     *
     * @param args the arguments; if the first one names a command, the others are left out, since
     *     reading the options of all commands takes longer than many a command
     */
    static CommandLine commandLine(String... args) {
        // Turns off the usage reports that DJL sends from machines of one cloud.
        if (System.getenv("OPT_OUT_TRACKING") == null) {
            System.setProperty("OPT_OUT_TRACKING", "true");
        }
        Failures failures = new Failures();
        CommandLine line = new CommandLine(new Residuum());
        commands(args).forEach(line::addSubcommand);
        // In the annotation, or before the commands, every command would inherit it.
        line.getCommandSpec().usageMessage().footer(EXAMPLES);
        return line.setParameterExceptionHandler(failures)
                .setExecutionExceptionHandler(failures)
                .setHelpFactory(UsageHelp::new)
                .setCaseInsensitiveEnumValuesAllowed(true);
    }

    private static List<Class<?>> commands(String... args) {
        if (args.length == 1 && args[0].equals("--version")) {
            return List.of();
        }
        return COMMANDS.stream()
                .filter(c -> args.length > 0 && name(c).equals(args[0]))
                .filter(c -> !ABOUT_COMMANDS.contains(c))
                .findFirst()
                .<List<Class<?>>>map(List::of)
                .orElse(COMMANDS);
    }

    private static String name(Class<?> command) {
        return command.getAnnotation(Command.class).name();
    }

    /** {@return the exit code of a command line} Errors of the JVM are reported as well. */
    static int run(CommandLine line, String... args) {
        Failures failures = new Failures();
        Optional<String> undecoded = Utf8Process.undecoded(args);
        if (undecoded.isPresent()) {
            return failures.reportUsage(line, undecoded.get());
        }
        int code;
        try {
            code = line.execute(args);
        } catch (VirtualMachineError | LinkageError e) {
            // picocli passes exceptions to the handlers, but throws errors.
            return failures.report(line, e);
        }
        // picocli prints help and versions, and does not look whether they arrive.
        return code == 0 && line.getOut().checkError()
                ? failures.report(line, Output.unwritable())
                : code;
    }

    boolean verbose() {
        return verbose;
    }

    @Override
    public boolean quiet() {
        return quiet;
    }

    @HelpSection(HelpSection.GENERAL)
    @Option(
            names = "--verbose",
            scope = ScopeType.INHERIT,
            order = 1000,
            description = "Print debug logs, and stack traces of errors.")
    void setVerbose(boolean on) {
        verbose = on;
        if (on) {
            ((Logger) LoggerFactory.getLogger("io.residuum")).setLevel(Level.DEBUG);
            ((Logger) LoggerFactory.getLogger("ai.djl")).setLevel(Level.INFO);
        }
    }

    @HelpSection(HelpSection.GENERAL)
    @Option(
            names = "--quiet",
            scope = ScopeType.INHERIT,
            order = 1001,
            description = "Print only results, warnings and errors, no progress and no notes.")
    void setQuiet(boolean on) {
        quiet = on;
    }

    @HelpSection(HelpSection.GENERAL)
    @Option(
            names = "--offline",
            scope = ScopeType.INHERIT,
            order = 1002,
            description =
                    "Take remote models from the cache only. Default: what RESIDUUM_OFFLINE says")
    void setOffline(boolean on) {
        if (on) {
            // A property, since networks of recipes and studies are remote models, too.
            System.setProperty("residuum.offline", "true");
        }
    }

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "a command is missing; use one of "
                        + String.join(", ", spec.subcommands().keySet()));
    }

    /** Reads the version from the jar's Maven metadata. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() throws IOException {
            Properties maven = new Properties();
            String file = "/META-INF/maven/io.residuum/residual-examples/pom.properties";
            try (InputStream in = Residuum.class.getResourceAsStream(file)) {
                if (in != null) {
                    maven.load(in);
                }
            }
            String version = maven.getProperty("version", "(unpackaged)");
            return new String[] {
                "residuum " + version + ", Java " + System.getProperty("java.version")
            };
        }
    }
}

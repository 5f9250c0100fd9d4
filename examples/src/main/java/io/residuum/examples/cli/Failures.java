package io.residuum.examples.cli;

import ai.djl.engine.EngineException;
import io.residuum.ResiduumException;
import io.residuum.examples.cli.options.Options;
import io.residuum.json.JsonText;
import io.residuum.spec.SpecException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.util.Locale;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Reports errors: one line on standard error, and with {@code --verbose} a stack trace. */
final class Failures implements IParameterExceptionHandler, IExecutionExceptionHandler {
    private static final String HINT = " (--verbose shows the stack trace)";

    @Override
    public int handleParseException(ParameterException e, String[] args) {
        CommandLine line = e.getCommandLine();
        print(line, message(e) + " (see " + line.getCommandSpec().qualifiedName() + " --help)");
        if (verbose(line)) {
            e.printStackTrace(line.getErr());
        }
        return Residuum.EXIT_USAGE;
    }

    private static String message(ParameterException e) {
        if (e instanceof UnmatchedArgumentException unmatched) {
            return UnknownArgument.describe(
                    e.getCommandLine().getCommandSpec(), unmatched.getUnmatched().get(0));
        }
        ArgSpec argument = e.getArgSpec();
        String value = e.getValue();
        return argument != null && value != null && argument.type().isEnum()
                ? Options.unknownConstant(argument, value)
                // picocli begins the messages of exclusive options with a word of its own.
                : oneLine(
                        Objects.requireNonNullElse(e.getMessage(), e.toString())
                                .replaceFirst("^Error: ", ""));
    }

    @Override
    public int handleExecutionException(Exception e, CommandLine line, ParseResult parsed) {
        return report(line, e);
    }

    /** Prints a usage error and returns the exit code for it. */
    int reportUsage(CommandLine line, String message) {
        print(line, message);
        return Residuum.EXIT_USAGE;
    }

    /** Prints a failure and returns the exit code for it. */
    int report(CommandLine line, Throwable e) {
        print(line, describe(e));
        if (verbose(line)) {
            e.printStackTrace(line.getErr());
        }
        return e instanceof SpecException ? Residuum.EXIT_USAGE : Residuum.EXIT_FAILED;
    }

    private static String describe(Throwable e) {
        if (e instanceof ResiduumException) {
            return oneLine(String.valueOf(e.getMessage()));
        }
        if (e instanceof UncheckedIOException unchecked) {
            IOException cause = Objects.requireNonNull(unchecked.getCause());
            String own = String.valueOf(unchecked.getMessage());
            return own.equals(cause.toString()) ? describe(cause) : oneLine(own);
        }
        if (e instanceof FileSystemException file) {
            return oneLine(file.getFile() + ": " + reason(file));
        }
        if (e instanceof IOException) {
            return oneLine(Objects.requireNonNullElse(e.getMessage(), e.toString()));
        }
        if (e instanceof InvalidPathException path) {
            return JsonText.quote(path.getInput()) + " cannot be a path: " + path.getReason();
        }
        if (e instanceof OutOfMemoryError) {
            return String.format(
                    Locale.ROOT,
                    "Java is out of memory (%,d MiB): use a smaller --batch, or a larger heap with"
                            + " RESIDUUM_JAVA_OPTS=-Xmx8g",
                    Runtime.getRuntime().maxMemory() >> 20);
        }
        if (e instanceof InternalError && oneLine(e.toString()).contains("memory access")) {
            return "a file became shorter while it was read, or its disk failed: write files under"
                    + " another name and move them into place"
                    + HINT;
        }
        if (e instanceof EngineException) {
            return "the engine failed: " + oneLine(String.valueOf(e.getMessage())) + HINT;
        }
        return "unexpected " + oneLine(e.toString()) + HINT;
    }

    private static String reason(FileSystemException e) {
        if (e instanceof NoSuchFileException) {
            return "no such file";
        }
        if (e instanceof FileAlreadyExistsException) {
            return "already exists";
        }
        return Objects.requireNonNullElse(e.getReason(), e.getClass().getSimpleName());
    }

    private static String oneLine(String message) {
        return message.lines().findFirst().orElse("").strip();
    }

    private static void print(CommandLine line, String message) {
        line.getErr().println("residuum: " + message);
        line.getErr().flush();
    }

    private static boolean verbose(CommandLine line) {
        CommandLine root = line;
        while (root.getParent() != null) {
            root = root.getParent();
        }
        return ((Residuum) root.getCommand()).verbose();
    }
}

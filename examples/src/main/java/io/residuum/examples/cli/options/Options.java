package io.residuum.examples.cli.options;

import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Checks of options that picocli's types do not make. */
public final class Options {
    private Options() {}

    public static ParameterException wrong(CommandSpec command, String format, Object... args) {
        return new ParameterException(
                command.commandLine(), String.format(Locale.ROOT, format, args));
    }

    public static void atLeast(CommandSpec command, String option, long value, long least) {
        if (value < least) {
            throw wrong(command, "%s must be %d or more, got %d", option, least, value);
        }
    }
}

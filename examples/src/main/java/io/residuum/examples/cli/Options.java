package io.residuum.examples.cli;

import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Checks of options that picocli's types do not make. */
final class Options {
    private Options() {}

    static ParameterException wrong(CommandSpec command, String format, Object... args) {
        return new ParameterException(
                command.commandLine(), String.format(Locale.ROOT, format, args));
    }

    static void atLeast(CommandSpec command, String option, long value, long least) {
        if (value < least) {
            throw wrong(command, "%s must be %d or more, got %d", option, least, value);
        }
    }
}

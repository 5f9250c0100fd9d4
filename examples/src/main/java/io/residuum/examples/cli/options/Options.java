package io.residuum.examples.cli.options;

import io.residuum.ResiduumException;
import io.residuum.hub.RemoteName;
import io.residuum.json.JsonText;
import io.residuum.model.ModelSource;
import io.residuum.spec.InputSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;

/** Checks and conversions of options that picocli does not offer. */
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

    /** {@return a sequence length in tokens, which the model must be able to read} */
    public static int length(CommandSpec command, int length, ModelSource model) {
        atLeast(command, "--length", length, 1);
        int most = ((InputSpec.Tokens) model.spec().input()).length();
        if (length > most) {
            throw wrong(
                    command,
                    "--length must be at most the %d tokens that %s reads, got %d",
                    most,
                    model.label(),
                    length);
        }
        return length;
    }

    /** Fails unless a path is a regular file. The name of its option begins the message. */
    public static void requireFile(CommandSpec command, String name, Path file) {
        if (!Files.isRegularFile(file)) {
            throw wrong(command, "%s: no such file", name);
        }
    }

    /** Fails if a path does not exist, or a remote name is invalid. */
    public static void requireFileOrRemote(CommandSpec command, String name, String text) {
        boolean found;
        try {
            found = RemoteName.parse(text).isPresent() || Files.exists(Path.of(text));
        } catch (IllegalArgumentException e) {
            throw wrong(command, "%s: %s", name, e.getMessage());
        }
        if (!found) {
            throw wrong(command, "%s: no such file", name);
        }
    }

    /** Fails unless a file to write has the name of its format. */
    public static void requireSuffix(
            CommandSpec command, String option, Path file, String... suffixes) {
        String name = file.toString().toLowerCase(Locale.ROOT);
        if (Arrays.stream(suffixes).noneMatch(name::endsWith)) {
            throw wrong(
                    command,
                    "%s must end with %s, got %s",
                    option,
                    String.join(" or ", suffixes),
                    file);
        }
    }

    /** {@return an argument as a POSIX shell reads it: in quotes if it needs them} */
    public static String quoted(Object argument) {
        String text = argument.toString();
        return text.matches("[\\w@%+=:,./-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
    }

    /** {@return the message about a value that is none of an option's constants} */
    public static String unknownConstant(ArgSpec option, String value) {
        List<String> names =
                Arrays.stream(option.type().getEnumConstants())
                        .map(constant -> constant.toString().toLowerCase(Locale.ROOT))
                        .toList();
        String name = option instanceof OptionSpec o ? o.longestName() : option.paramLabel();
        return unknownName(name, value, names);
    }

    /** {@return the message about a value that is none of an option's names} */
    public static String unknownName(String option, String value, Collection<String> names) {
        return String.format(
                Locale.ROOT,
                "%s must be one of %s, got %s%s",
                option,
                String.join(", ", names),
                JsonText.quote(value),
                JsonText.nearest(value, names)
                        .map(near -> "; did you mean " + near + "?")
                        .orElse(""));
    }

    /** Converts an option's text with a function, whose error message becomes the user's. */
    public abstract static class Converter<T> implements ITypeConverter<T> {
        private final Function<String, T> parser;

        protected Converter(Function<String, T> parser) {
            this.parser = parser;
        }

        @Override
        public final T convert(String value) {
            try {
                return parser.apply(value);
            } catch (ResiduumException | IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }
}

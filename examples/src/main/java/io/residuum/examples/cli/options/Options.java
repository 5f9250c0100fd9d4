package io.residuum.examples.cli.options;

import io.residuum.ResiduumException;
import io.residuum.hub.RemoteName;
import io.residuum.json.Json;
import io.residuum.json.JsonText;
import io.residuum.model.ModelSource;
import io.residuum.spec.InputSpec;
import io.residuum.spec.TypeName;
import io.residuum.spec.json.SpecJson;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
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
            throw wrong(command, "%s: %s", name, String.valueOf(e.getMessage()));
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

    /**
     * {@return the line of a stopped command that says how to resume it}
     *
     * @param command the command, as it was called
     * @param resumed true if it was called with {@code --resume}
     */
    public static String resumeLine(CommandSpec command, boolean resumed) {
        return command.root().commandLine().getParseResult().originalArgs().stream()
                .map(Options::quoted)
                .collect(
                        Collectors.joining(
                                " ",
                                "stopped  resume with: residuum ",
                                resumed ? "" : " --resume"));
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

    /** {@return the recipe's part if it has this name, else the defaults of this name} */
    static <T> T named(CommandSpec command, String name, String option, T start, Class<T> type) {
        SpecJson json = SpecJson.standard();
        Set<String> names = json.typeNames(type);
        String known =
                names.stream()
                        .filter(name::equalsIgnoreCase)
                        .findFirst()
                        .orElseThrow(() -> wrong(command, "%s", unknownName(option, name, names)));
        return typeName(start).equals(known)
                ? start
                : json.parse(Json.of(Map.of("type", known)).compact(), option, type);
    }

    /** {@return the name of a record in JSON} */
    static String typeName(Object record) {
        return record.getClass().getAnnotation(TypeName.class).value();
    }
}

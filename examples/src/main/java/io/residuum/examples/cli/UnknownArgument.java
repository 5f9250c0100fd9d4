package io.residuum.examples.cli;

import io.residuum.files.JarText;
import io.residuum.json.JsonText;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;

/** Describes an argument that a command does not have, with what to use instead. */
final class UnknownArgument {
    private UnknownArgument() {}

    /**
     * {@return the message about an argument}
     *
     * @param command the command that was given the argument
     * @param argument the argument as typed
     */
    static String describe(CommandSpec command, String argument) {
        if (!argument.startsWith("-")) {
            Set<String> commands = command.subcommands().keySet();
            return commands.isEmpty()
                    ? "unexpected argument " + JsonText.quote(argument)
                    : command(argument, commands);
        }
        String name = argument.replaceFirst("=.*", "");
        String bare = name.replaceFirst("^-+", "").replace('_', '-');
        Set<String> known = command.optionsMap().keySet();
        String instead = known.contains("--" + bare) ? "use --" + bare : instead(bare, known);
        return "unknown option " + name + (instead.isEmpty() ? "" : "; " + instead);
    }

    /** {@return the message about a command that does not exist} */
    static String command(String name, Set<String> commands) {
        return "unknown command "
                + JsonText.quote(name)
                + JsonText.nearest(name, commands)
                        .map(near -> "; did you mean " + near + "?")
                        .orElse("; use one of " + String.join(", ", commands));
    }

    private static String instead(String bare, Set<String> known) {
        // Before the semicolon are options of which a command may have some, behind it is advice.
        String[] other = otherNames().getProperty(bare, "").split(";", 2);
        List<String> here = Arrays.stream(other[0].split(" ")).filter(known::contains).toList();
        if (!here.isEmpty()) {
            return "use " + String.join(" or ", here);
        }
        if (other.length == 2) {
            return other[1].strip();
        }
        return JsonText.nearest("--" + bare, known)
                .map(near -> "did you mean " + near + "?")
                .orElse("");
    }

    private static Properties otherNames() {
        Properties names = new Properties();
        String table = JarText.read(UnknownArgument.class, "other-names.properties");
        try {
            names.load(new StringReader(table));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return names;
    }
}

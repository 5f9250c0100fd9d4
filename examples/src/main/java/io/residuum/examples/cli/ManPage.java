package io.residuum.examples.cli;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Writes the usage of a command as a manual page, with the macros of man(7). */
final class ManPage {
    private static final String EXIT_STATUS =
            """
            .SH EXIT STATUS
            0 success, 1 failure, 2 usage error, 130 stopped by Ctrl-C.
            """;

    private final StringBuilder page = new StringBuilder();

    private ManPage(CommandSpec command) {
        String[] about = command.usageMessage().description();
        page.append(".TH \"%s\" 1\n".formatted(name(command).toUpperCase(Locale.ROOT)));
        page.append(
                ".SH NAME\n%s \\- %s\n"
                        .formatted(escaped(name(command)), escaped(about[0].formatted())));
        page.append(".SH SYNOPSIS\n");
        String synopsis = command.commandLine().getHelp().synopsis(0);
        page.append(".B ").append(escaped(synopsis.strip())).append('\n');
        page.append(".SH DESCRIPTION\n");
        lines(Arrays.stream(about).skip(about.length > 2 ? 2 : 0).map(String::formatted).toList());
        if (!command.positionalParameters().isEmpty()) {
            page.append(".SH ARGUMENTS\n");
            command.positionalParameters().forEach(p -> argument(p.paramLabel(), p));
        }
        page.append(".SH OPTIONS\n");
        HelpSections.options(command)
                .forEach(
                        (heading, options) -> {
                            page.append(".SS ").append(escaped(heading)).append('\n');
                            options.forEach(option -> argument(label(option), option));
                        });
        if (!command.subcommands().isEmpty()) {
            page.append(".SH COMMANDS\n");
            HelpSections.commands(command).forEach(this::commands);
        }
        String[] examples = command.usageMessage().footer();
        if (examples.length > 0) {
            page.append(".SH EXAMPLES\n.nf\n");
            Arrays.stream(examples).forEach(line -> page.append(escaped(line)).append('\n'));
            page.append(".fi\n");
        }
        page.append(EXIT_STATUS);
    }

    /** {@return the page of a command} */
    static String of(CommandSpec command) {
        return new ManPage(command).page.toString();
    }

    /** {@return the name of the page of a command, such as {@code residuum-train}} */
    static String name(CommandSpec command) {
        return command.qualifiedName("-");
    }

    private void commands(String heading, List<CommandSpec> commands) {
        page.append(".SS ").append(escaped(heading)).append('\n');
        for (CommandSpec command : commands) {
            page.append(".TP\n.BR ").append(escaped(name(command))).append(" (1)\n");
            page.append(escaped(command.usageMessage().description()[0])).append('\n');
        }
    }

    private void argument(String label, ArgSpec argument) {
        page.append(".TP\n.B ").append(escaped(label)).append('\n');
        lines(List.of(argument.description()));
    }

    private static String label(OptionSpec option) {
        String names =
                Arrays.stream(option.names())
                        .map(name -> option.negatable() ? name.replace("--", "--[no-]") : name)
                        .collect(Collectors.joining(", "));
        return option.arity().max() == 0 ? names : names + "=" + option.paramLabel();
    }

    /** Appends text. Indented lines, such as those of a table, are kept as they are. */
    private void lines(List<String> text) {
        boolean kept = text.stream().anyMatch(line -> line.startsWith("  "));
        page.append(kept ? ".nf\n" : "");
        text.stream()
                .flatMap(String::lines)
                .filter(line -> kept || !line.isBlank())
                .forEach(line -> page.append(escaped(line)).append('\n'));
        page.append(kept ? ".fi\n" : "");
    }

    /** Escapes what is special in roff: backslashes, hyphens, and control lines. */
    private static String escaped(String text) {
        String plain = text.replace("\\", "\\e").replace("-", "\\-");
        return plain.startsWith(".") || plain.startsWith("'") ? "\\&" + plain : plain;
    }
}

package io.residuum.examples.cli;

import io.residuum.examples.cli.options.HelpSection;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Member;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Divides the options of a command, and the commands, into the sections of the usage help. */
final class HelpSections {
    private static final String OWN = "Options";

    private HelpSections() {}

    /** {@return the options by heading: those of the command first, those of all commands last} */
    static Map<String, List<OptionSpec>> options(CommandSpec command) {
        Map<String, List<OptionSpec>> sections = new LinkedHashMap<>();
        sections.put(OWN, new ArrayList<>());
        for (OptionSpec option : command.options()) {
            if (!option.hidden()) {
                sections.computeIfAbsent(section(option), name -> new ArrayList<>()).add(option);
            }
        }
        List<OptionSpec> general = sections.remove(HelpSection.GENERAL);
        if (general != null) {
            sections.put(HelpSection.GENERAL, general);
        }
        sections.values().removeIf(List::isEmpty);
        sections.values().forEach(some -> some.sort(Comparator.comparingInt(OptionSpec::order)));
        return sections;
    }

    private static String section(OptionSpec option) {
        if (option.usageHelp() || option.versionHelp()) {
            return HelpSection.GENERAL;
        }
        AnnotatedElement field = (AnnotatedElement) option.userObject();
        Class<?> owner = ((Member) field).getDeclaringClass();
        // The section of a command is where it is listed itself.
        Optional<String> shared =
                owner.isAnnotationPresent(Command.class) ? Optional.empty() : name(owner);
        return name(field).or(() -> shared).orElse(OWN);
    }

    /** {@return the commands by heading, in their order} */
    static Map<String, List<CommandSpec>> commands(CommandSpec root) {
        Map<String, List<CommandSpec>> sections = new LinkedHashMap<>();
        root.subcommands()
                .values()
                .forEach(
                        line -> {
                            CommandSpec command = line.getCommandSpec();
                            String section =
                                    name(command.userObject().getClass())
                                            .orElse(HelpSection.GENERAL);
                            sections.computeIfAbsent(section, name -> new ArrayList<>())
                                    .add(command);
                        });
        return sections;
    }

    private static Optional<String> name(AnnotatedElement element) {
        return Optional.ofNullable(element.getAnnotation(HelpSection.class))
                .map(HelpSection::value);
    }
}

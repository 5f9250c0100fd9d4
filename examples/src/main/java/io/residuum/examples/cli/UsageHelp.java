package io.residuum.examples.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntPredicate;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi.Text;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Formats the usage of a command: options and commands in sections, and lines that break only at
 * spaces. Picocli also breaks them at punctuation, as in {@code config.json}.
 */
final class UsageHelp extends Help {
    /** The columns of an option are: required, short name, separator, long name, description. */
    private static final int DESCRIPTION = 4;

    /** From punctuation of ASCII to the letters of the block Latin Extended-A. */
    private static final int TO_LETTERS = 0x100;

    UsageHelp(CommandSpec command, ColorScheme colors) {
        super(command, colors);
    }

    /** {@return the command, its required options and its arguments} The sections list the rest. */
    @Override
    public String synopsis(int headingLength) {
        StringBuilder synopsis = new StringBuilder(commandSpec().qualifiedName());
        commandSpec().positionalParameters().stream()
                .filter(parameter -> !parameter.hidden())
                .forEach(
                        parameter ->
                                synopsis.append(' ')
                                        .append(
                                                parameterLabelRenderer()
                                                        .renderParameterLabel(
                                                                parameter,
                                                                ansi(),
                                                                colorScheme().parameterStyles())));
        commandSpec().options().stream()
                .filter(option -> option.required() && option.group() == null)
                .forEach(
                        option ->
                                synopsis.append(' ')
                                        .append(option.longestName())
                                        .append('=')
                                        .append(option.paramLabel()));
        if (!commandSpec().subcommands().isEmpty()) {
            synopsis.append(' ').append(commandSpec().usageMessage().synopsisSubcommandLabel());
        }
        return synopsis.append(" [OPTIONS]%n".formatted()).toString();
    }

    @Override
    public String description(Object... params) {
        // Each section begins with an empty line.
        String[] lines =
                String.join("\n", commandSpec().usageMessage().description())
                        .stripTrailing()
                        .lines()
                        .map(line -> unbreakable(line.formatted(params)))
                        .toArray(String[]::new);
        int width = commandSpec().usageMessage().width();
        return restored(join(ansi(), width, true, lines, new StringBuilder()).toString());
    }

    @Override
    public String parameterListHeading(Object... params) {
        return commandSpec().positionalParameters().isEmpty() ? "" : "%nArguments:%n".formatted();
    }

    @Override
    public String parameterList() {
        return restored(super.parameterList());
    }

    @Override
    public String optionList() {
        StringBuilder list = new StringBuilder();
        HelpSections.options(commandSpec())
                .forEach(
                        (heading, options) -> {
                            Layout layout = createDefaultLayout();
                            layout.addAllOptions(options, parameterLabelRenderer());
                            list.append("%n%s:%n".formatted(heading)).append(layout);
                        });
        return restored(list.toString());
    }

    @Override
    public String commandListHeading(Object... params) {
        return "";
    }

    @Override
    public String commandList() {
        StringBuilder list = new StringBuilder();
        HelpSections.commands(commandSpec())
                .forEach(
                        (heading, commands) -> {
                            Map<String, Help> some = new LinkedHashMap<>();
                            for (CommandSpec command : commands) {
                                some.put(command.name(), subcommands().get(command.name()));
                            }
                            list.append("%n%s:%n".formatted(heading)).append(commandList(some));
                        });
        return list.toString();
    }

    @Override
    public String footerHeading(Object... params) {
        return commandSpec().usageMessage().footer().length == 0 ? "" : super.footerHeading(params);
    }

    @Override
    public IOptionRenderer createDefaultOptionRenderer() {
        IOptionRenderer renderer = super.createDefaultOptionRenderer();
        return (option, labels, scheme) ->
                unbreakable(renderer.render(option, labels, scheme), scheme);
    }

    @Override
    public IParameterRenderer createDefaultParameterRenderer() {
        IParameterRenderer renderer = super.createDefaultParameterRenderer();
        return (parameter, labels, scheme) ->
                unbreakable(renderer.render(parameter, labels, scheme), scheme);
    }

    private static Text[][] unbreakable(Text[][] rows, ColorScheme scheme) {
        for (Text[] row : rows) {
            row[DESCRIPTION] = scheme.text(unbreakable(row[DESCRIPTION].plainString()));
        }
        return rows;
    }

    /** Replaces punctuation by letters, at which no line breaks. */
    private static String unbreakable(String text) {
        return map(text, c -> c > ' ' && c < 0x7f && !Character.isLetterOrDigit(c), TO_LETTERS);
    }

    private static String restored(String text) {
        return map(text, c -> c > TO_LETTERS + ' ' && c < TO_LETTERS + 0x7f, -TO_LETTERS);
    }

    private static String map(String text, IntPredicate these, int offset) {
        return text.codePoints()
                .map(c -> these.test(c) ? c + offset : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}

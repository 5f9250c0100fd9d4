package io.residuum.examples.cli;

import io.residuum.examples.cli.options.Options;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints the usage of a command, as its {@code --help} does. */
@Command(name = "help", description = "Show the usage of a command.")
final class HelpCommand implements Callable<Integer> {

    @Spec private CommandSpec spec;

    @Parameters(
            paramLabel = "COMMAND",
            arity = "0..1",
            description = "The command. Default: residuum itself")
    private @Nullable String command;

    @Override
    public Integer call() {
        find(spec, command).commandLine().usage(spec.commandLine().getOut());
        return 0;
    }

    /**
     * {@return the command of a name, or the root without one}
     *
     * @param caller the command that was given the name
     */
    static CommandSpec find(CommandSpec caller, @Nullable String name) {
        CommandSpec root = caller.root();
        if (name == null) {
            return root;
        }
        Map<String, CommandLine> commands = root.subcommands();
        CommandLine found = commands.get(name);
        if (found == null) {
            throw Options.wrong(caller, "%s", UnknownArgument.command(name, commands.keySet()));
        }
        return found.getCommandSpec();
    }
}

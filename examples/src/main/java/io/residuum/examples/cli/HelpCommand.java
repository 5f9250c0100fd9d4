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
        CommandLine root = spec.root().commandLine();
        Map<String, CommandLine> commands = root.getSubcommands();
        CommandLine wanted = command == null ? root : commands.get(command);
        if (wanted == null) {
            String name = String.valueOf(command);
            throw Options.wrong(spec, "%s", UnknownArgument.command(name, commands.keySet()));
        }
        wanted.usage(spec.commandLine().getOut());
        return 0;
    }
}

package io.residuum.examples.cli;

import io.residuum.examples.cli.options.Output;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Prints a script that completes commands, options, presets and files in a shell. */
@Command(
        name = "completion",
        description = {
            "Print a completion script for bash and zsh.",
            "",
            "Load it in the shell, or in ~/.bashrc or ~/.zshrc:",
            "  source <(residuum completion)",
            ""
        },
        footer = "  residuum completion > ~/.local/share/bash-completion/completions/residuum")
final class CompletionCommand implements Callable<Integer> {
    /** Turns off the completion of files, which MODEL, DATA and others may be. */
    private static final String NO_FILES = "  type compopt &>/dev/null && compopt +o default\n";

    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
        CommandSpec root = spec.root();
        String script = AutoComplete.bash(root.name(), root.commandLine());
        Output.of(spec).piece(script.replace(NO_FILES, ""));
        return 0;
    }
}

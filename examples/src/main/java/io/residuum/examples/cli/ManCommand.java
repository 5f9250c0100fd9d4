package io.residuum.examples.cli;

import io.residuum.examples.cli.options.Options;
import io.residuum.examples.cli.options.Output;
import io.residuum.files.AtomicFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints or writes manual pages. */
@Command(
        name = "man",
        description = {
            "Print the manual page of a command, or write all pages.",
            "",
            "The pages are in the format of man.",
            ""
        },
        footer = {
            "  residuum man train > train.1",
            "  residuum man --output ~/.local/share/man/man1"
        })
final class ManCommand implements Callable<Integer> {

    @Spec private CommandSpec spec;

    @Parameters(
            paramLabel = "COMMAND",
            arity = "0..1",
            description = "The command. Default: residuum itself")
    private @Nullable String command;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "DIR",
            description =
                    "Write the pages of all commands to this folder, such as residuum-train.1.")
    private @Nullable Path folder;

    @Override
    public Integer call() throws IOException {
        Output output = Output.of(spec);
        CommandSpec root = spec.root();
        if (folder == null) {
            output.piece(ManPage.of(HelpCommand.find(spec, command)));
            return 0;
        }
        if (command != null) {
            throw Options.wrong(
                    spec, "--output writes the pages of all commands; leave out COMMAND");
        }
        Map<String, CommandLine> commands = root.subcommands();
        Files.createDirectories(folder);
        write(root);
        for (CommandLine line : commands.values()) {
            write(line.getCommandSpec());
        }
        output.note("wrote    %s: %d pages", folder, commands.size() + 1);
        return 0;
    }

    private void write(CommandSpec page) throws IOException {
        byte[] text = ManPage.of(page).getBytes(StandardCharsets.UTF_8);
        AtomicFiles.write(
                Path.of(String.valueOf(folder), ManPage.name(page) + ".1"), out -> out.write(text));
    }
}

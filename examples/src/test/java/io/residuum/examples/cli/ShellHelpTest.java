package io.residuum.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Help, manual pages and completion, as a user of a shell sees them. */
class ShellHelpTest {
    private static final Set<String> WITHOUT_EXAMPLES = Set.of("help", "version");

    @TempDir private Path folder;

    static Stream<String> commands() {
        return Residuum.commandLine().getSubcommands().keySet().stream();
    }

    private static CommandSpec command(String name) {
        return Residuum.commandLine().getSubcommands().get(name).getCommandSpec();
    }

    @ParameterizedTest
    @MethodSource("commands")
    void examplesAreUnderstood(String name) {
        String[] examples = command(name).usageMessage().footer();
        assertEquals(WITHOUT_EXAMPLES.contains(name), examples.length == 0);
        for (String example : examples) {
            List<String> words = words(example.replaceFirst(" > .*", ""));
            assertEquals(List.of("residuum", name), words.subList(0, 2));
            List<String> args = new ArrayList<>(words.subList(1, words.size()));
            args.replaceAll(word -> word.equals("./photos") ? photos() : word);
            CommandLine line = Residuum.commandLine();
            line.parseArgs(args.toArray(String[]::new));
            assertTrue(Cli.ok(name, "--help").out().contains(example), example);
        }
    }

    /** The texts of options with two columns, such as those of --data, keep their lines. */
    @ParameterizedTest
    @MethodSource("commands")
    void columnsOfOptionsDoNotBreak(String name) {
        List<String> usage = Cli.ok(name, "--help").out().lines().toList();
        for (OptionSpec option : command(name).options()) {
            for (String line : option.description()) {
                if (!option.hidden() && line.startsWith("  ")) {
                    assertTrue(usage.stream().anyMatch(l -> l.endsWith(line)), line);
                }
            }
        }
    }

    /** Data are opened by what they hold. */
    private String photos() {
        try {
            Path photo = folder.resolve("photos/cat/1.jpg");
            Files.createDirectories(photo.getParent());
            Files.write(photo, new byte[1]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return folder.resolve("photos").toString();
    }

    private static List<String> words(String line) {
        return Pattern.compile("'([^']*)'|(\\S+)")
                .matcher(line)
                .results()
                .map(m -> m.group(1) == null ? m.group(2) : m.group(1))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("commands")
    void helpListsEveryOptionInASectionAndBreaksNoWords(String name) {
        String help = Cli.ok("help", name).out();
        assertTrue(help.contains("\nGeneral:\n  -h, --help"), help);
        for (OptionSpec option : command(name).options()) {
            String shown =
                    option.negatable() ? option.longestName().substring(2) : option.longestName();
            assertTrue(help.contains(shown), shown);
        }
        Set<String> shown = Arrays.stream(help.split("\\s+")).collect(Collectors.toSet());
        Set<String> broken = new TreeSet<>();
        for (String word : descriptions(command(name)).split("\\s+")) {
            if (!shown.contains(word)) {
                broken.add(word);
            }
        }
        assertEquals(Set.of(), broken);
    }

    private static String descriptions(CommandSpec command) {
        return Stream.of(
                        Arrays.stream(command.usageMessage().description()),
                        command.options().stream()
                                .filter(option -> !option.hidden())
                                .flatMap(o -> Arrays.stream(o.description())),
                        command.positionalParameters().stream()
                                .flatMap(p -> Arrays.stream(p.description())))
                .flatMap(lines -> lines)
                .collect(Collectors.joining(" "));
    }

    @Test
    void trainingOptionsAreGrouped() {
        String help = Cli.ok("train", "--help").out();
        List<String> headings = help.lines().filter(line -> line.matches("[A-Z][^:]*:")).toList();
        assertEquals(
                List.of(
                        "Arguments:",
                        "Options:",
                        "Data:",
                        "Weights and tokenizer:",
                        "Training:",
                        "Optimizer:",
                        "Regularization:",
                        "Fine-tuning:",
                        "Engine, precision and memory:",
                        "General:",
                        "Examples:"),
                headings);
        assertEquals(
                "Usage: residuum train MODEL --data=DATA [OPTIONS]",
                help.lines().findFirst().get());
        assertTrue(Cli.ok("--help").out().contains("\nWeights and export:\n  import"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "residuum tra|train",
                "./residuum tra|train",
                "residuum show resnet5|resnet50",
                "residuum train --label|--label-smoothing",
                "residuum bench resnet50 --engine py|pytorch"
            })
    void bashCompletes(String line) throws Exception {
        Path script = script();
        String typed = line.replaceFirst("\\|.*", "");
        List<String> words = List.of(typed.split(" "));
        String quoted = words.stream().map(w -> "'" + w + "'").collect(Collectors.joining(" "));
        String program =
                "source %s; COMP_WORDS=(%s); COMP_CWORD=%d; COMP_LINE='%s'; COMP_POINT=%d;"
                                .formatted(script, quoted, words.size() - 1, typed, typed.length())
                        + " _complete_residuum; printf '%s\\n' \"${COMPREPLY[@]}\"";
        List<String> replies = shell("bash", "-c", program).lines().toList();
        assertTrue(replies.contains(line.replaceFirst(".*\\|", "")), replies::toString);
        String last = words.get(words.size() - 1);
        assertTrue(replies.stream().allMatch(reply -> reply.startsWith(last)), replies::toString);
    }

    /** MODEL and DATA may be files: where the script knows no word, the shell names files. */
    @Test
    void bashFallsBackToFiles() throws Exception {
        Path script = script();
        String registered = shell("bash", "-c", "source " + script + "; complete -p residuum");
        assertTrue(registered.contains("-o default"), registered);
        assertFalse(Files.readString(script).contains("+o default"));
    }

    @Test
    void zshReadsTheScript() throws Exception {
        assumeTrue(installed("zsh"), "zsh is not installed");
        String program = "autoload -U compinit; compinit -u; source %s; echo $_comps[residuum]";
        assertTrue(shell("zsh", "-c", program.formatted(script())).contains("bash"));
    }

    private Path script() throws IOException {
        return Files.writeString(folder.resolve("completion"), Cli.ok("completion").out());
    }

    @Test
    void manualPagesAreWritten() throws Exception {
        Cli.ok("man", "--output", folder.toString());
        List<String> pages = new ArrayList<>(commands().map(c -> "residuum-" + c + ".1").toList());
        pages.add("residuum.1");
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(
                    pages.stream().sorted().toList(),
                    files.map(file -> file.getFileName().toString()).sorted().toList());
        }
        Path train = folder.resolve("residuum-train.1");
        assertEquals(Cli.ok("man", "train").out(), Files.readString(train));
        assumeTrue(installed("groff"), "groff is not installed");
        for (String page : pages) {
            // Warnings are printed with the text.
            String text =
                    shell(
                            "groff",
                            "-man",
                            "-Tutf8",
                            "-ww",
                            "-P-cbou",
                            folder.resolve(page).toString());
            assertFalse(text.contains("warning:"), text);
        }
        String text = shell("groff", "-man", "-Tutf8", "-P-cbou", train.toString());
        assertTrue(text.contains("--label-smoothing=X"), text);
        assertTrue(text.contains("residuum train resnet20 --data digits --out runs/first"), text);
        assertTrue(text.replaceAll("\\s+", " ").contains("after 50% and after 75%"), text);
        assertTrue(text.contains("folder:DIR     a folder per class, in DIR or in"), text);
    }

    @Test
    void manNamesACommandThatDoesNotExist() {
        Cli cli = Cli.run("man", "trian");
        assertEquals(2, cli.code());
        assertTrue(cli.err().contains("did you mean train?"), cli.err());
        assertEquals(2, Cli.run("man", "train", "-o", folder.toString()).code());
    }

    private static boolean installed(String program) {
        return Arrays.stream(System.getenv("PATH").split(java.io.File.pathSeparator))
                .anyMatch(path -> Files.isExecutable(Path.of(path, program)));
    }

    private static String shell(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue(), out);
        return out;
    }
}

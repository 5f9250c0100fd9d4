package io.residuum.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.residuum.testing.Programs;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import picocli.CommandLine;

/**
 * One call of the command line, in this process or in a new one.
 *
 * @param code the exit code
 * @param out the standard output
 * @param err the standard error
 */
record Cli(int code, String out, String err) {

    /** A network small enough to train in a test, for digits. */
    private static final String TINY =
            """
            {"format": "residuum/1", "name": "tiny",
             "input": {"type": "image", "shape": [3, 16, 16]},
             "network": [
               {"type": "conv2d", "name": "stem", "filters": 8, "kernel": 3, "padding": 1,
                "stride": 2, "bias": false},
               {"type": "residual", "name": "unit",
                "before": {"norm": "batch", "activation": "relu"},
                "branch": [{"type": "conv2d", "name": "conv", "filters": 8, "kernel": 3,
                            "padding": 1}]},
               {"type": "globalAveragePool"},
               {"type": "linear", "name": "head", "units": 10}]}
            """;

    static Cli run(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = Residuum.commandLine();
        line.setOut(new PrintWriter(out));
        line.setErr(new PrintWriter(err));
        int code = Residuum.run(line, args);
        return new Cli(code, out.toString(), err.toString());
    }

    /** {@return the output of a call that must succeed} */
    static Cli ok(String... args) {
        Cli cli = run(args);
        assertEquals(0, cli.code, () -> String.join(" ", args) + "\n" + cli.err);
        return cli;
    }

    JsonNode json() {
        try {
            return JsonMapper.builder().build().readTree(out);
        } catch (IOException e) {
            throw new UncheckedIOException(out, e);
        }
    }

    static Path tiny(Path folder) throws IOException {
        return Files.writeString(folder.resolve("tiny.json"), TINY);
    }

    /** Starts a call in a new process, on the wanted entries of this class path. */
    static Process start(Path folder, Predicate<String> wanted, String... args) throws IOException {
        String path =
                Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                        .filter(wanted)
                        .collect(Collectors.joining(File.pathSeparator));
        return Programs.on(path, Residuum.class, args)
                .directory(folder.toFile())
                .redirectOutput(folder.resolve("out.txt").toFile())
                .redirectError(folder.resolve("err.txt").toFile())
                .start();
    }
}

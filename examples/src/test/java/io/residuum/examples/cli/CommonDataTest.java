package io.residuum.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every command warns of data that training, validation and test have in common. */
class CommonDataTest {
    private static final String TESTED =
            " is trained and tested on: it does not show how the network does on other data";

    @TempDir private Path temp;

    @Test
    void everyCommandWarns() throws IOException {
        StringBuilder rows = new StringBuilder("x,y\n");
        for (int i = 0; i < 20; i++) {
            rows.append(i).append(',').append(3 * i + 1).append('\n');
        }
        Path line = Files.writeString(temp.resolve("line.csv"), rows);
        Path other = Files.writeString(temp.resolve("other.csv"), rows + "99,298\n");
        Path spec =
                Files.writeString(
                        temp.resolve("line.json"),
                        """
                        {"format": "residuum/1", "name": "line",
                         "input": {"type": "features", "shape": [1]},
                         "network": [{"type": "linear", "name": "head", "units": 1}]}
                        """);
        Path study =
                Files.writeString(
                        temp.resolve("study.json"),
                        """
                        {"model": "line.json", "seeds": [1, 2],
                         "recipe": {"batch": 4, "epochs": 1, "warmupEpochs": 0,
                                    "learningRate": {"oneOf": {"high": 0.1, "low": 0.01}}}}
                        """);
        String apart = "--data=rows:train=%s,val=%s".formatted(line, other);
        String tested = "--data=rows:train=%s,test=%s".formatted(line, line);
        String validated = "--data=rows:train=%s,val=%s".formatted(line, line);
        String chosen = "--data=rows:train=%s,val=%s,test=%s".formatted(line, other, other);
        String run = temp.resolve("run").toString();
        assertEquals(List.of(), warnings(apart, "train", spec.toString(), "--out=" + run));
        assertEquals(
                List.of(line + TESTED),
                warnings(tested, "train", spec.toString(), "--out=" + temp.resolve("tested")));
        assertEquals(
                List.of(
                        line
                                + " is trained and validated on: it does not show how the network"
                                + " does on other data"),
                warnings(validated, "train", spec.toString(), "--out=" + temp.resolve("both")));
        assertEquals(
                List.of(other + " chooses the best epoch and tests it, which flatters it"),
                warnings(chosen, "train", spec.toString(), "--out=" + temp.resolve("chosen")));
        assertEquals(List.of(line + TESTED), warnings(tested, "evaluate", run));
        assertEquals(
                List.of(line + TESTED),
                warnings(tested, "study", study.toString(), "--out=" + temp.resolve("study")));
    }

    /** Returns the warnings on standard error, without the time and the name of the logger. */
    private static List<String> warnings(
            String data, String command, String model, String... more) {
        ByteArrayOutputStream logged = new ByteArrayOutputStream();
        PrintStream before = System.err;
        System.setErr(new PrintStream(logged, true, StandardCharsets.UTF_8));
        try {
            List<String> args =
                    new ArrayList<>(List.of(command, model, data, "--device=cpu", "--quiet"));
            args.addAll(List.of(more));
            if (command.equals("train")) {
                args.addAll(List.of("--epochs=1", "--batch=4"));
            }
            Cli cli = Cli.ok(args.toArray(String[]::new));
            assertFalse(cli.err().contains("warning"), cli.err());
        } finally {
            System.setErr(before);
        }
        return logged.toString(StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.contains("WARN"))
                .map(line -> line.replaceFirst(".*?Locations: ", ""))
                .toList();
    }
}

package io.residuum.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The forms in which people ask for help, and in which options may be written. */
class ResiduumTest {

    @Test
    void helpHasThreeForms() {
        String all = Cli.ok("--help").out();
        assertEquals(all, Cli.ok("help").out());
        assertEquals(all, Cli.ok("-h").out());
        for (String command : Residuum.commandLine().getSubcommands().keySet()) {
            String usage = Cli.ok(command, "--help").out();
            assertTrue(usage.startsWith("Usage: residuum " + command), usage);
            assertEquals(usage, Cli.ok("help", command).out());
            assertEquals(usage, Cli.ok(command, "-h").out());
            assertTrue(all.contains("  " + command + " "), all);
        }
    }

    @Test
    void versionHasThreeForms() {
        String version = Cli.ok("--version").out();
        assertTrue(version.startsWith("residuum "), version);
        assertEquals(version, Cli.ok("version").out());
        assertEquals(version, Cli.ok("-V").out());
    }

    @ParameterizedTest
    @CsvSource({
        "--epochs=3, /epochs, 3",
        "--epochs 3, /epochs, 3",
        "--learning-rate 0.5, /learningRate, 0.5",
        "--lr=5e-1, /learningRate, 0.5",
        "--batch-size 7, /batch, 7",
        "--optimizer adam, /optimizer/type, adam",
        "--optimizer muon --momentum .9 --no-nesterov, /optimizer/momentum, 0.9",
        "--optimizer muon --momentum .9 --no-nesterov, /optimizer/nesterov, false",
        "--optimizer adam, /optimizer/weightDecay, 0.0",
        "--optimizer adam, /learningRate, 0.001",
        "--optimizer=ADAM --weight-decay=.01, /optimizer/weightDecay, 0.01",
        "--schedule step, /schedule/type, step",
    })
    void optionsReachTheRecipe(String options, String path, String value) {
        assertEquals(value, recipe("digits", options).at(path).asText());
    }

    /** Naming what the recipe has already keeps its settings. */
    @Test
    void aNamedScheduleKeepsTheSettingsOfTheRecipe() {
        assertEquals(recipe("text", ""), recipe("text", "--schedule cosine --optimizer adamw"));
    }

    private static JsonNode recipe(String data, String options) {
        List<String> args = new ArrayList<>(List.of("train", "resnet20", "--data", data));
        args.add("--print-recipe");
        args.addAll(options.isEmpty() ? List.of() : List.of(options.split(" ")));
        return Cli.ok(args.toArray(String[]::new)).json();
    }
}

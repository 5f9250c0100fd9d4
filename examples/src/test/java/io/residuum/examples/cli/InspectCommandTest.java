package io.residuum.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Analyses from the command line; what they compute is tested beside them. */
class InspectCommandTest {
    @TempDir private Path temp;

    @Test
    void severalAnalysesRunOnDigits() throws IOException {
        Path out = temp.resolve("report");
        Cli cli =
                Cli.ok(
                        "inspect",
                        Cli.tiny(temp).toString(),
                        "--what",
                        "signal,gradients",
                        "--what",
                        "{\"type\": \"shattering\", \"lines\": 1, \"points\": 16}",
                        "--data",
                        "digits:train=40,test=10",
                        "--samples",
                        "16",
                        "--batch",
                        "8",
                        "-o",
                        out.toString());
        assertTrue(cli.out().contains("through shortcut"), cli.out());
        assertTrue(cli.err().contains("gradients  0:"), cli.err());
        for (String file :
                List.of(
                        "report.html",
                        "inspection.json",
                        "signal-variance.svg",
                        "gradients-weights.csv",
                        "shattering-autocorrelation.svg")) {
            assertTrue(Files.size(out.resolve(file)) > 0, file);
        }
        String csv = Files.readString(out.resolve("gradients-units.csv"));
        assertEquals("unit", csv.lines().skip(1).findFirst().orElseThrow().split(",")[0]);
    }

    @Test
    void modelsAreComparedAndAllAnalysesThatFitRun() throws IOException {
        Path tiny = Cli.tiny(temp);
        Path plain = temp.resolve("plain.json");
        Files.writeString(
                plain,
                Files.readString(tiny)
                        .replace(
                                "\"name\": \"unit\",",
                                "\"name\": \"unit\", \"shortcut\": \"none\","));
        Path out = temp.resolve("both.html");
        Cli cli =
                Cli.ok(
                        "--quiet",
                        "inspect",
                        tiny.toString(),
                        "--compare",
                        plain.toString(),
                        "--what",
                        "all",
                        "--samples",
                        "2",
                        "--json",
                        "-o",
                        out.toString());
        JsonNode json = cli.json();
        JsonNode with = json.get(tiny.toString()).at("/gradients/units/0");
        JsonNode without = json.get(plain.toString()).at("/gradients/units/0");
        assertTrue(with.get("through shortcut").asDouble() > 0, json.toString());
        assertTrue(without.get("through shortcut").isNull(), json.toString());
        String page = Files.readString(out);
        assertTrue(page.contains("Pictures: " + plain), page);
    }

    @Test
    void aLanguageModelIsAnalyzed() throws IOException {
        Path gpt = temp.resolve("gpt.json");
        Files.writeString(
                gpt,
                """
                {"format": "residuum/1", "name": "gpt", "input": {"type": "tokens", "vocabulary": 50, "length": 8},
                 "network": {"type": "gpt", "vocabulary": 50, "width": 16, "depth": 2, "heads": 2}}
                """);
        Path text = temp.resolve("text.txt");
        Files.writeString(text, "the quick brown fox jumps over the lazy dog. ".repeat(60));
        String run = temp.resolve("run").toString();
        Cli.ok(
                "train",
                gpt.toString(),
                "--data",
                "text:" + text,
                "--out",
                run,
                "--steps",
                "20",
                "--warmup",
                "0",
                "--sample-tokens",
                "0");
        Cli cli =
                Cli.ok(
                        "inspect",
                        run,
                        "--what",
                        "lesion,lens",
                        "--what",
                        "{\"type\": \"jacobian\", \"samples\": 1}",
                        "--data",
                        "text:" + text,
                        "--samples",
                        "4",
                        "--json");
        JsonNode lesions = cli.json().at("/lesion/units");
        assertEquals(4, lesions.size());
        double whole = cli.json().at("/lesion/network/0/loss").asDouble();
        assertEquals("whole network", cli.json().at("/lesion/network/0/case").asText());
        assertTrue(Math.abs(whole - lesions.get(1).get("loss").asDouble()) > 1e-6, cli.out());
        JsonNode lens = cli.json().at("/lens/units");
        assertEquals(0, lens.get(3).get("kl").asDouble(), 0, cli.out());
        assertEquals("blocks.1.mlp", cli.json().at("/jacobian/units/3/unit").asText());
    }

    @Test
    void aLongTableIsNotPrinted() throws IOException {
        String surface = "{\"type\": \"surface\", \"points\": 9}";
        String tiny = Cli.tiny(temp).toString();
        Cli cli = Cli.ok("inspect", tiny, "--what", surface, "--samples", "2");
        assertTrue(cli.out().contains("points: 81 rows, in the files of -o"), cli.out());
        assertTrue(cli.out().lines().count() < 10, cli.out());
    }

    @ParameterizedTest
    @CsvSource({
        "gradient, 'did you mean gradients'",
        "'signal,', 'must be one of'",
        "'signal,signal', 'once, got signal twice'",
    })
    void namesAreChecked(String what, String message) throws IOException {
        Cli cli = Cli.run("inspect", Cli.tiny(temp).toString(), "--what", what);
        assertEquals(2, cli.code(), cli.err());
        assertTrue(cli.err().contains(message), cli.err());
    }

    @Test
    void settingsAndModelsAreChecked() throws IOException {
        String tiny = Cli.tiny(temp).toString();
        String few = "{\"type\": \"shattering\", \"points\": 2}";
        Cli cli = Cli.run("inspect", tiny, "--what", few);
        assertEquals(2, cli.code(), cli.err());
        assertTrue(cli.err().contains("points must be 8 or more"), cli.err());
        Cli twice = Cli.run("inspect", tiny, "--what", "cost", "--compare", tiny);
        assertEquals(2, twice.code(), twice.err());
        Cli one = Cli.run("inspect", tiny, "--what", "shattering", "--samples", "1");
        assertEquals(1, one.code(), one.err());
        assertTrue(one.err().contains("--samples 2"), one.err());
        for (String option : List.of("--samples", "--batch")) {
            Cli unread = Cli.run("inspect", tiny, "--what", "cost", option, "4");
            assertEquals(2, unread.code(), unread.err());
            assertTrue(unread.err().contains(option + " has no effect on cost"), unread.err());
        }
        Cli picture = Cli.run("inspect", tiny, "--what", "cost", "-o", "cost.pdf");
        assertEquals(2, picture.code(), picture.err());
        assertTrue(picture.err().contains("-o takes PATH.html"), picture.err());
        Cli help = Cli.ok("inspect", "--help");
        assertTrue(help.out().contains("--compare"), help.out());
    }
}

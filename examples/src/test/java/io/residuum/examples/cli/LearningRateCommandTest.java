package io.residuum.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LearningRateCommandTest {
    @TempDir private Path temp;

    @Test
    void aRateIsSuggestedAndDrawn() throws IOException {
        Path plot = temp.resolve("lr.svg");
        Cli cli =
                Cli.ok(
                        "lr",
                        Cli.tiny(temp).toString(),
                        "--data",
                        "digits:train=200,test=20",
                        "--batch",
                        "16",
                        "--updates",
                        "40",
                        "--from",
                        "1e-4",
                        "--to",
                        "100",
                        "--device",
                        "cpu",
                        "-o",
                        plot.toString(),
                        "--json");
        JsonNode json = cli.json();
        double rate = json.get("learningRate").asDouble();
        assertTrue(rate > 1e-4 && rate < 100, cli.out());
        assertEquals(json.get("learningRates").size(), json.get("losses").size());
        String svg = Files.readString(plot);
        assertTrue(svg.startsWith("<svg") && svg.contains("smoothed"), svg);
        Cli wrong =
                Cli.run(
                        "lr",
                        Cli.tiny(temp).toString(),
                        "--data",
                        "digits",
                        "--from",
                        "2",
                        "--to",
                        "1");
        assertEquals(2, wrong.code());
        assertTrue(wrong.err().contains("to must be above from"), wrong.err());
    }

    /** The loss of an answer near 0 is 1.08. */
    @Test
    void regressionHasALoss() {
        JsonNode json =
                Cli.ok(
                                "lr",
                                "adding-100-rnn",
                                "--data",
                                "adding:100,train=128,test=32",
                                "--batch=16",
                                "--updates=10",
                                "--device=cpu",
                                "--json")
                        .json();
        assertTrue(json.get("losses").get(0).asDouble() > 0.2, json.toString());
    }

    @Test
    void eventFilesAreWrittenOnDemand() throws IOException {
        Path run = temp.resolve("run");
        Cli.ok(
                "train",
                Cli.tiny(temp).toString(),
                "--data",
                "digits:train=200,test=20",
                "--epochs",
                "1",
                "--batch",
                "32",
                "--device",
                "cpu",
                "--tensorboard",
                "--out",
                run.toString());
        try (var files = Files.list(run)) {
            assertTrue(files.anyMatch(f -> f.getFileName().toString().contains("tfevents")));
        }
    }
}

package io.residuum.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code residuum evaluate --knn}. */
class NeighborsCommandTest {
    private static final String DATA = "digits:train=200,test=60";

    @TempDir private Path temp;

    @Test
    void votesOfNeighborsAreCounted() throws IOException {
        String model = Cli.tiny(temp).toString();
        String[] knn = {"evaluate", model, "--data", DATA, "--device=cpu", "--knn=5"};
        Cli text = Cli.ok(knn);
        assertTrue(text.err().contains("60 images by their 5 neighbours of 200"), text.err());
        assertTrue(text.out().contains("top-1"), text.out());
        JsonNode found =
                Cli.ok("evaluate", model, "--data", DATA, "--device=cpu", "--knn=5", "--json")
                        .json();
        assertEquals(60, found.get("samples").asInt());
        double right = found.get("top1").asDouble();
        assertTrue(right > 0.15, "features of random weights beat chance: " + right);
        JsonNode sharper =
                Cli.ok(
                                "evaluate",
                                model,
                                "--data",
                                DATA,
                                "--device=cpu",
                                "--knn=200",
                                "--knn-temperature=1e-5",
                                "--json")
                        .json();
        JsonNode one =
                Cli.ok("evaluate", model, "--data", DATA, "--device=cpu", "--knn=1", "--json")
                        .json();
        assertEquals(
                one.get("top1"), sharper.get("top1"), "a low temperature leaves the nearest one");
    }

    @Test
    void optionsThatDoNotGoTogetherAreRefused() throws IOException {
        String model = Cli.tiny(temp).toString();
        refused(2, "--knn-temperature needs --knn", model, DATA, "--knn-temperature=1");
        refused(2, "leave out --predictions", model, DATA, "--knn=2", "--predictions=x.csv");
        refused(2, "--compute and --runtime", model, DATA, "--knn=2", "--runtime=onnxruntime");
        refused(2, "--validation is for data", model, DATA, "--knn=2", "--validation=0.2");
        refused(1, "k must be at most the number of training", model, DATA, "--knn=201");
        refused(2, "--data must be labelled images", model, "adding:5", "--knn=2");
    }

    private static void refused(int code, String part, String model, String data, String... more) {
        String[] args = new String[4 + more.length];
        System.arraycopy(new String[] {"evaluate", model, "--data", data}, 0, args, 0, 4);
        System.arraycopy(more, 0, args, 4, more.length);
        Cli cli = Cli.run(args);
        assertTrue(cli.err().contains(part), cli.err());
        assertEquals(code, cli.code(), cli.err());
    }
}

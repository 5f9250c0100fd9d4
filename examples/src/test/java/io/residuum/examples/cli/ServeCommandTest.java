package io.residuum.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServeCommandTest {
    private static final Pattern SERVING =
            Pattern.compile("serving +(\\S+) at (http://127\\.0\\.0\\.1:\\d+) \\(tensors\\)");
    private static final String SPEC =
            """
            {"format": "residuum/1", "name": "sums",
             "input": {"type": "features", "shape": [2]},
             "network": [{"type": "linear", "units": 1, "init": {"type": "constant", "value": 1}}]}
            """;

    /** Windows ends processes without asking them. */
    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aServerAnswersUntilItIsTerminated(@TempDir Path folder) throws Exception {
        Path spec = Files.writeString(folder.resolve("sums.json"), SPEC);
        Process process =
                Cli.start(
                        folder,
                        entry -> true,
                        "serve",
                        spec.toString(),
                        "--port",
                        "0",
                        "--name",
                        "adder",
                        "--device",
                        "cpu");
        try {
            Matcher serving = await(process, folder);
            assertEquals("adder", serving.group(1));
            HttpResponse<String> answer =
                    HttpClient.newHttpClient()
                            .send(
                                    HttpRequest.newBuilder(
                                                    URI.create(serving.group(2) + "/v1/predict"))
                                            .header("Content-Type", "application/json")
                                            .POST(
                                                    BodyPublishers.ofString(
                                                            "{\"tensors\": {\"input\": {\"shape\":"
                                                                + " [1, 2], \"values\": [3, 4]}}}"))
                                            .build(),
                                    BodyHandlers.ofString());
            assertEquals(
                    "{\"model\":\"adder\",\"outputs\":{\"output\":{\"shape\":[1,1],\"values\":[7]}}}",
                    answer.body().replace("7.0", "7"));
        } finally {
            process.destroy();
        }
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        String err = Files.readString(folder.resolve("err.txt"));
        assertTrue(err.contains("stopping after the running requests"), err);
        assertEquals(128 + 15, process.exitValue(), err);
    }

    private static Matcher await(Process process, Path folder)
            throws IOException, InterruptedException {
        Path out = folder.resolve("out.txt");
        for (int i = 0; i < 1200; i++) {
            Matcher serving = SERVING.matcher(Files.exists(out) ? Files.readString(out) : "");
            if (serving.find()) {
                return serving;
            }
            assertTrue(process.isAlive(), Files.readString(folder.resolve("err.txt")));
            Thread.sleep(50);
        }
        throw new AssertionError("not serving: " + Files.readString(folder.resolve("err.txt")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--port=70000",
                "--max-batch=0",
                "--batch-delay=-1",
                "--queue=0",
                "--when-full=drop",
                "--timeout=0",
                "--max-body=2000",
                "--max-new-tokens=0",
                "--chat-format=xml",
                "--no-normalize=true"
            })
    void valuesOutOfRangeAreUsageErrors(String option) {
        Cli wrong = Cli.run("serve", "resnet20", option);
        assertEquals(Residuum.EXIT_USAGE, wrong.code(), wrong.err());
        assertTrue(wrong.err().contains(option.substring(0, option.indexOf('='))), wrong.err());
    }

    @Test
    void anAddressOfAnotherMachineIsNamed(@TempDir Path folder) throws IOException {
        String tiny = Cli.tiny(folder).toString();
        Cli cli = Cli.run("serve", tiny, "--host=192.0.2.1", "--port=0");
        assertEquals(1, cli.code(), cli.err());
        assertTrue(cli.err().contains("192.0.2.1:0 cannot be used"), cli.err());
        assertTrue(cli.err().contains("--host"), cli.err());
    }
}

package io.residuum.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.residuum.examples.cli.bench.Stopwatch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BenchCommandTest {

    @ParameterizedTest
    @CsvSource({"infer,mxnet", "train,mxnet", "infer,pytorch", "train,pytorch"})
    void measures(String mode, String engine, @TempDir Path folder) throws IOException {
        JsonNode result =
                Cli.ok(
                                "bench",
                                Cli.tiny(folder).toString(),
                                "--mode=" + mode,
                                "--engine=" + engine,
                                "--device=cpu",
                                "--batch=4",
                                "--steps=5",
                                "--json")
                        .json();
        assertEquals(mode, result.get("mode").asText());
        assertEquals(engine, result.get("engine").asText().toLowerCase(Locale.ROOT));
        assertEquals("cpu", result.get("device").asText());
        assertEquals(5, result.get("steps").asInt());
        double median = result.get("medianMs").asDouble();
        assertTrue(median > 0, result.toString());
        assertTrue(result.get("p10Ms").asDouble() <= median, result.toString());
        assertTrue(result.get("p90Ms").asDouble() >= median, result.toString());
        assertEquals(4000 / median, result.get("samplesPerSecond").asDouble(), 1e-6);
        if (Files.exists(Path.of("/proc/self/status"))) {
            assertTrue(result.get("peakResidentBytes").asLong() > 10 << 20, result.toString());
        }
    }

    @Test
    void aBatchThatNoArrayHoldsIsNamed(@TempDir Path folder) throws IOException {
        String tiny = Cli.tiny(folder).toString();
        Cli cli = Cli.run("bench", tiny, "--engine=mxnet", "--batch=2147483647");
        assertEquals(Residuum.EXIT_USAGE, cli.code(), cli.err());
        assertTrue(cli.err().contains("use a smaller --batch"), cli.err());
    }

    @ParameterizedTest
    @CsvSource({"mxnet,onnxruntime", "pytorch,auto"})
    void measuresARuntime(String engine, String runtime, @TempDir Path folder) throws IOException {
        String tiny = Cli.tiny(folder).toString();
        Cli cli =
                Cli.ok(
                        "bench",
                        tiny,
                        "--engine=" + engine,
                        "--runtime=" + runtime,
                        "--steps=3",
                        "--json");
        String used = cli.json().get("runtime").asText();
        if (runtime.equals("auto")) {
            assertTrue(cli.err().contains("runtime  " + used + " for inputs (1, "), cli.err());
        } else {
            assertEquals(runtime, used);
            assertFalse(cli.err().contains("warning"), cli.err());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "--mode=train, '--runtime auto is for --mode infer'",
        "--no-compile, 'leave out --no-compile'",
        "--compute=bfloat16, 'leave out --compute bfloat16'"
    })
    void aRuntimeNeedsPredictionsInFloat32(String option, String message, @TempDir Path folder)
            throws IOException {
        Cli cli = Cli.run("bench", Cli.tiny(folder).toString(), "--runtime=auto", option);
        assertEquals(2, cli.code(), cli.err());
        assertTrue(cli.err().contains(message), cli.err());
    }

    @ParameterizedTest
    @CsvSource({"infer,mxnet", "train,pytorch", "generate,mxnet", "generate,pytorch"})
    void aModelThatTranslatesGetsASource(String mode, String engine, @TempDir Path folder)
            throws IOException {
        Path spec = folder.resolve("translator.json");
        Files.writeString(
                spec,
                """
                {"format": "residuum/1", "name": "translator",
                 "input": {"type": "tokens", "length": 12, "vocabulary": 11},
                 "network": {"type": "encoderDecoder", "vocabulary": 11, "width": 8, "depth": 1,
                             "heads": 2, "mlpWidth": 12}}
                """);
        JsonNode result =
                Cli.ok(
                                "bench",
                                spec.toString(),
                                "--mode=" + mode,
                                "--engine=" + engine,
                                "--device=cpu",
                                "--batch=2",
                                "--length=6",
                                "--steps=2",
                                "--json")
                        .json();
        assertEquals("tokens", result.get("unit").asText());
    }

    @ParameterizedTest
    @CsvSource({
        "infer,mxnet,16",
        "train,pytorch,16",
        "train,mxnet,16",
        "generate,mxnet,10",
        "generate,pytorch,10"
    })
    void countsTokensOfText(String mode, String engine, int tokens) {
        List<String> args =
                new ArrayList<>(
                        List.of(
                                "bench",
                                "char-gpt",
                                "--mode=" + mode,
                                "--engine=" + engine,
                                "--batch=2",
                                "--length=8",
                                "--steps=3",
                                "--json"));
        if (mode.equals("generate")) {
            args.add("--tokens=5");
        }
        JsonNode result = Cli.ok(args.toArray(String[]::new)).json();
        assertEquals("tokens", result.get("unit").asText());
        assertEquals(
                tokens * 1000 / result.get("medianMs").asDouble(),
                result.get("samplesPerSecond").asDouble(),
                1e-6);
    }

    /** One output learns a class, the other a map of numbers. */
    @ParameterizedTest
    @CsvSource({"infer, mxnet", "train, mxnet", "infer, pytorch", "train, pytorch"})
    void severalInputsAndOutputs(String mode, String engine, @TempDir Path folder)
            throws IOException {
        Path spec =
                Files.writeString(
                        folder.resolve("net.json"),
                        """
                        {"format": "residuum/1", "name": "net",
                         "input": {"type": "several", "inputs": [
                           {"name": "board", "type": "image", "shape": [2, 4, 4]},
                           {"name": "clock", "type": "features", "shape": [3]}]},
                         "network": {"type": "graph", "inputs": ["board", "clock"],
                          "outputs": ["map", "result"], "layers": [
                           {"type": "conv2d", "name": "map", "from": "board", "filters": 2,
                            "kernel": 1},
                           {"type": "globalAveragePool", "name": "pooled"},
                           {"type": "concat", "name": "seen", "from": ["pooled", "clock"]},
                           {"type": "linear", "name": "result", "units": 4}]}}
                        """);
        JsonNode found =
                Cli.ok(
                                "bench",
                                spec.toString(),
                                "--mode",
                                mode,
                                "--engine",
                                engine,
                                "--steps=2",
                                "--batch=2",
                                "--json")
                        .json();
        assertEquals(2, found.get("steps").asInt());
        assertTrue(found.get("compiled").asBoolean(), found.toString());
    }

    @Test
    void refusesMoreTokensThanTheModelReads() {
        refused("--length must be at most the 64 tokens", "char-gpt", "--length=65");
        refused(
                "--tokens must be at most 5",
                "char-gpt",
                "--mode=generate",
                "--length=60",
                "--tokens=6");
        refused("for models that read tokens", "resnet20", "--mode=generate");
    }

    @Test
    void trainsInLittleMemory() {
        String[] args = {
            "bench",
            "resnet20",
            "--mode=train",
            "--batch=2",
            "--steps=1",
            "--json",
            "--recompute-activations"
        };
        Cli mxnet = Cli.run(with("--engine=mxnet", args));
        assertEquals(1, mxnet.code(), mxnet.err());
        assertTrue(
                mxnet.err().contains("recomputeActivations with compile needs the PyTorch engine"),
                mxnet.err());
        Cli byUnits = Cli.ok(with("--no-compile", with("--engine=mxnet", args)));
        assertTrue(byUnits.json().get("recomputeActivations").asBoolean());
        Cli cli = Cli.ok(with("--engine=pytorch", args));
        assertTrue(cli.json().get("recomputeActivations").asBoolean());
        assertFalse(cli.err().contains("not compiled"), cli.err());
        refused(
                "--recompute-activations is for --mode train",
                "resnet20",
                "--recompute-activations");
    }

    private static String[] with(String option, String... args) {
        return Stream.concat(Stream.of(args), Stream.of(option)).toArray(String[]::new);
    }

    private static void refused(String why, String... args) {
        Cli cli =
                Cli.run(Stream.concat(Stream.of("bench"), Stream.of(args)).toArray(String[]::new));
        assertEquals(2, cli.code(), cli.err());
        assertTrue(cli.err().contains(why), cli.err());
    }

    @Test
    void percentilesOfStepsAfterTheWarmUp() {
        AtomicInteger runs = new AtomicInteger();
        Stopwatch watch = Stopwatch.measure(runs::incrementAndGet, 20);
        assertEquals(20, watch.steps());
        assertTrue(runs.get() >= 23, "warm-up of at least 3, got " + (runs.get() - 20));
        assertTrue(watch.percentile(0) <= watch.percentile(50));
        assertTrue(watch.percentile(50) <= watch.percentile(100));
    }
}

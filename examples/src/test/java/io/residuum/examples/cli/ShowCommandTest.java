package io.residuum.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.residuum.model.ModelFiles;
import io.residuum.model.Presets;
import io.residuum.spec.json.SpecJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShowCommandTest {

    @Test
    void summaryAndDepth() {
        String units = Cli.ok("show", "resnet20").out();
        assertTrue(units.contains("269,722 parameters"), units);
        String stages = Cli.ok("show", "resnet20", "--depth", "1").out();
        assertTrue(stages.lines().count() < units.lines().count(), stages);
    }

    @Test
    void expandedLoadsBackToTheSameNetwork(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("expanded.json");
        Files.writeString(file, Cli.ok("show", "resnet50", "--expanded").out());
        assertFalse(Files.readString(file).contains("\"type\": \"resnet\""));
        assertEquals(
                ModelFiles.fingerprint(Presets.find("resnet50").orElseThrow().spec()),
                ModelFiles.fingerprint(SpecJson.standard().readModel(file)));
        assertEquals(
                Cli.ok("show", "resnet50", "--names").out(),
                Cli.ok("show", file.toString(), "--names").out());
    }

    @Test
    void costsAsJson() {
        JsonNode costs = Cli.ok("show", "resnet50", "--json").json();
        assertEquals(25_557_032, costs.get("parameters").asLong());
        assertEquals(53_120, costs.get("buffers").asLong());
        assertEquals(4_089_184_256L, costs.get("macs").asLong());
        assertEquals("[3,224,224]", costs.get("input").toString());
        assertEquals("[1000]", costs.get("output").toString());
        assertTrue(costs.get("activationBytes").asLong() > 0);
        assertEquals(64, costs.get("fingerprint").asText().length());
        assertTrue(costs.get("layers").get(0).get("activationBytes").asLong() > 0);
        assertEquals("stem", costs.get("layers").get(0).get("name").asText());
    }

    @Test
    void namesInOrderWithBuffersMarked() {
        List<String> lines = Cli.ok("show", "resnet50", "--names").out().lines().toList();
        assertEquals("stem.conv.weight\t[64,3,7,7]", lines.get(0));
        assertTrue(lines.contains("stem.norm.running_mean\t[64]\tbuffer"), lines.get(3));
        assertEquals("head.fc.bias\t[1000]", lines.get(lines.size() - 1));
    }

    @Test
    void identityOfEachUnitWithItsReason(@TempDir Path folder) throws IOException {
        List<String> lines = Cli.ok("show", "resnet20", "--identity").out().lines().toList();
        assertEquals(10, lines.size());
        assertEquals("stage1.0\tother\tthe branch does not start at 0", lines.get(0));
        assertEquals("0 of 9 residual units start as the identity", lines.get(9));
        Path file =
                Files.writeString(
                        folder.resolve("rezero.json"),
                        """
                        {"format": "residuum/1", "name": "rezero",
                         "input": {"type": "features", "shape": [4]},
                         "network": {"type": "repeat", "times": 2, "layer":
                           {"type": "residual", "scale": "learned",
                            "branch": {"type": "linear", "units": 4}}}}
                        """);
        assertEquals(
                List.of(
                        "0\tidentity\tat 0: scale.gamma",
                        "1\tidentity\tat 0: scale.gamma",
                        "2 of 2 residual units start as the identity"),
                Cli.ok("show", file.toString(), "--identity").out().lines().toList());
        Cli wrong = Cli.run("show", "resnet20", "--identity", "--depth", "1");
        assertEquals(2, wrong.code());
    }

    @Test
    void drawsTheNetwork(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("out.svg"), "an older picture");
        Cli cli = Cli.ok("show", "resnet20", "--graph", file.toString());
        assertEquals("", cli.out());
        String svg = Files.readString(file);
        assertTrue(svg.startsWith("<svg") && svg.stripTrailing().endsWith("</svg>"), svg);
        assertTrue(svg.contains("269,722 parameters, 40,551,040 MACs"), svg);
        assertTrue(svg.contains("stage2.0") && svg.contains("zero-padding"), svg);
        assertTrue(svg.contains("stage1.0\u20132") && svg.contains("\u00d7 3"), svg);
        try (var files = Files.list(folder)) {
            assertEquals(List.of(file), files.toList());
        }
    }

    @Test
    void picturesOnPaper(@TempDir Path folder) throws IOException {
        Path png = folder.resolve("net.png");
        Path pdf = folder.resolve("NET.PDF");
        Cli.ok("show", "resnet20", "--graph", png.toString(), "--level", "stage");
        Cli.ok("show", "resnet20", "--graph", pdf.toString(), "--level", "stage");
        assertTrue(ImageIO.read(png.toFile()).getWidth() > 200);
        byte[] start = Arrays.copyOf(Files.readAllBytes(pdf), 5);
        assertEquals("%PDF-", new String(start, StandardCharsets.US_ASCII));
        Cli cli = Cli.run("show", "resnet20", "--graph", folder.resolve("net.gif").toString());
        assertEquals(2, cli.code());
        assertTrue(cli.err().contains(".svg") && cli.err().contains(".pdf"), cli.err());
    }

    @Test
    void severalInputsAreNamed(@TempDir Path folder) throws IOException {
        Path file =
                Files.writeString(
                        folder.resolve("two.json"),
                        """
                        {"format": "residuum/1", "name": "two",
                         "input": {"type": "several", "inputs": [
                          {"name": "board", "type": "features", "shape": [4]},
                          {"name": "clock", "type": "features", "shape": [5]}]},
                         "network": {"type": "graph", "inputs": ["board", "clock"], "layers": [
                          {"type": "concat", "name": "seen", "from": ["board", "clock"]},
                          {"type": "linear", "name": "result", "units": 3}]}}
                        """);
        String text = Cli.ok("show", file.toString(), "--mermaid").out();
        for (String name : List.of("board", "clock", "result")) {
            assertTrue(text.contains("<b>" + name + "</b>"), text);
        }
    }

    @Test
    void levelsGoFromStagesToOperations() {
        List<Long> sizes = new ArrayList<>();
        for (String level : List.of("stage", "block", "layer", "operation")) {
            String text = Cli.ok("show", "gpt2", "--mermaid", "--level", level).out();
            assertTrue(text.contains("flowchart TD"), text);
            sizes.add(text.lines().filter(line -> line.contains(" --> ")).count());
        }
        assertEquals(sizes.stream().sorted().distinct().toList(), sizes);
    }

    @Test
    void blockIsTheDefaultLevel(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("out.mmd");
        Cli.ok("show", "resnet20", "--mermaid", file.toString());
        assertEquals(
                Cli.ok("show", "resnet20", "--mermaid", "--level", "block").out().strip(),
                Files.readString(file).strip());
    }

    @Test
    void encodersAndDecodersAreGivenASource() {
        String text = Cli.ok("show", "transformer-base", "--mermaid", "--level", "stage").out();
        assertTrue(text.contains("<b>data</b>") && text.contains("<b>source</b>"), text);
    }

    @Test
    void warnsOfMoreThanMermaidDraws(@TempDir Path folder) throws IOException {
        String layers =
                IntStream.rangeClosed(1, 501)
                        .mapToObj("{\"type\": \"linear\", \"units\": %d}"::formatted)
                        .collect(Collectors.joining(","));
        Path file =
                Files.writeString(
                        folder.resolve("long.json"),
                        """
                        {"format": "residuum/1", "name": "long",
                         "input": {"type": "features", "shape": [4]}, "network": [%s]}
                        """
                                .formatted(layers));
        Cli cli = Cli.ok("show", file.toString(), "--mermaid");
        assertTrue(cli.err().contains("use --level stage"), cli.err());
        // Folded, 96 equal layers are small.
        assertEquals("", Cli.ok("show", "gpt3-175b", "--mermaid").err());
    }

    @Test
    void operationsAndTheirCounts() {
        String text = Cli.ok("show", "resnet20", "--operations").out();
        assertTrue(text.contains("%0 = Input[name=data]() : float32 (N, 3, 32, 32)"), text);
        assertTrue(text.lines().anyMatch(line -> line.matches("Convolution +19")), text);
    }

    @Test
    void viewsThatDoNotGoTogether(@TempDir Path folder) {
        assertEquals(2, Cli.run("show", "resnet20", "--level", "stage").code());
        assertEquals(2, Cli.run("show", "resnet20", "--mermaid", "--depth", "2").code());
        assertEquals(2, Cli.run("show", "resnet20", "--mermaid", "--level", "atom").code());
        assertEquals(2, Cli.run("show", "resnet20", "--operations", "--json").code());
        String nowhere = folder.resolve("none/out.svg").toString();
        Cli cli = Cli.run("show", "resnet20", "--graph", nowhere);
        assertEquals(1, cli.code());
        assertEquals(1, cli.err().lines().count(), cli.err());
    }
}

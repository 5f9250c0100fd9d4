package io.residuum.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.residuum.model.ModelFiles;
import io.residuum.spec.json.SpecJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
}

package io.residuum.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.residuum.hub.RemoteName;
import io.residuum.model.Presets;
import io.residuum.spec.Preset;
import io.residuum.spec.PublishedWeights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelsCommandTest {

    @Test
    void tableShowsParametersAndMacs() {
        List<String> lines = Cli.ok("models").out().lines().toList();
        assertTrue(lines.get(0).startsWith("name "), lines.get(0));
        String resnet50 =
                lines.stream().filter(l -> l.startsWith("resnet50 ")).findFirst().orElseThrow();
        assertTrue(resnet50.contains(" 25,557,032 "), resnet50);
        assertTrue(resnet50.contains(" 4.089 "), resnet50);
        assertTrue(resnet50.contains(" 3x224x224 "), resnet50);
        assertTrue(resnet50.contains(" hf:timm/resnet50.a1_in1k "), resnet50);
        assertTrue(resnet50.contains("He et al. 2015"), resnet50);
    }

    /** The core's own presets are the first on the class path. */
    @Test
    void resNetsAreListedFirst() {
        List<String> families =
                Presets.all().stream().map(preset -> preset.family()).distinct().toList();
        assertEquals("resnet", families.get(0));
        assertEquals("recurrent", families.get(families.size() - 1));
    }

    @Test
    void jsonIsAnArrayOfObjects() {
        Cli cli = Cli.ok("models", "--json");
        assertEquals("", cli.err());
        JsonNode models = cli.json();
        assertEquals(Presets.all().size(), models.size());
        for (JsonNode model : models) {
            if (model.get("name").asText().equals("resnet20")) {
                assertEquals("resnet", model.get("family").asText());
                assertEquals(269_722, model.get("parameters").asLong());
                assertEquals(40_551_040, model.get("macs").asLong());
                assertEquals("[3,32,32]", model.get("input").toString());
                assertEquals("[]", model.get("weights").toString());
            }
            if (model.get("name").asText().equals("vgg13")) {
                JsonNode weights = model.get("weights").get(0);
                assertEquals("19584684", weights.get("sha256").asText());
                assertEquals(69.928, weights.get("accuracy").asDouble());
                assertEquals("bsd-3-clause", weights.get("licence").asText());
            }
        }
    }

    @Test
    void publishedWeightsBelongToPresetsAndHaveValidNames() {
        Set<String> presets = Presets.all().stream().map(Preset::name).collect(Collectors.toSet());
        for (PublishedWeights weights : Presets.weights()) {
            assertTrue(presets.contains(weights.preset()), weights.toString());
            RemoteName name = RemoteName.parse(weights.location()).orElseThrow();
            if (name instanceof RemoteName.Web web) {
                assertEquals(weights.sha256(), web.sha256());
            }
            assertEquals(weights.accuracy() == null, weights.source().isEmpty());
        }
        assertEquals(
                Presets.weights().size(),
                Presets.weights().stream().map(w -> w.preset() + w.location()).distinct().count());
    }

    @Test
    void needsNoEngine(@TempDir Path folder) throws Exception {
        assertEquals(0, withoutEngines(folder, "models", "--json"));
        assertEquals(0, withoutEngines(folder, "show", "resnet50"));
        assertEquals(0, withoutEngines(folder, "show", "resnet50", "--names"));
        // Checks that no engine is on the class path:
        assertEquals(1, withoutEngines(folder, "bench", "resnet20", "--engine", "pytorch"));
        String error = Files.readString(folder.resolve("err.txt"));
        assertTrue(error.startsWith("residuum: engine PyTorch cannot be loaded"), error);
    }

    private static int withoutEngines(Path folder, String... args)
            throws IOException, InterruptedException {
        return Cli.start(folder, entry -> !entry.matches(".*(mxnet|pytorch)-.*"), args).waitFor();
    }
}

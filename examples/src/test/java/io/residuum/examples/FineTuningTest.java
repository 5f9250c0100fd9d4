package io.residuum.examples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.engine.Backend;
import io.residuum.engine.DeviceChoice;
import io.residuum.engine.EngineChoice;
import io.residuum.examples.FineTuning.Accuracies;
import io.residuum.model.Network;
import io.residuum.optim.LearningRates.Group;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.PresetProvider;
import io.residuum.testing.SharedData;
import io.residuum.train.Recipe;
import io.residuum.vision.data.DataSource;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FineTuningTest {

    @TempDir private Path folder;

    @Test
    void publishedWeightsLearnRealDigitsFromFewImages() {
        Path weights = SharedData.require("cifar-resnet/resnet20-12fca82f.th");
        DataSource mnist = DataSource.parse("mnist:" + SharedData.require("mnist"));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (Backend backend = Backend.open(EngineChoice.AUTO, DeviceChoice.CPU);
                Network network = FineTuning.published(backend, weights)) {
            float[] stem = values(network, "stem.conv.weight");
            Accuracies found =
                    FineTuning.run(
                            network,
                            FineTuning.few(mnist, 100, 100),
                            FineTuning.recipe().with().epochs(6).build(),
                            folder,
                            new PrintStream(out, true, StandardCharsets.UTF_8));
            assertEquals(found.tuned(), found.reloaded());
            assertTrue(found.tuned() > 0.3, found.toString());
            assertEquals(10, network.outputShape().get(1));
            assertArrayEquals(stem, values(network, "stem.conv.weight"));
        }
        assertTrue(out.toString(StandardCharsets.UTF_8).contains("fine-tuned: "));
    }

    @Test
    void withoutFilesItPretrainsOnDigits() throws Exception {
        try (Backend backend = Backend.open(EngineChoice.AUTO, DeviceChoice.CPU);
                Network network =
                        FineTuning.pretrained(
                                backend, DataSource.parse("digits:train=160,test=20"))) {
            Accuracies found =
                    FineTuning.run(
                            network,
                            FineTuning.odd(
                                    FineTuning.few(
                                            DataSource.parse("digits:train=40,test=40"), 40, 40)),
                            FineTuning.recipe().with().epochs(1).build(),
                            folder,
                            new PrintStream(new ByteArrayOutputStream(), true, "UTF-8"));
            assertEquals(2, network.outputShape().get(1));
            assertEquals(found.tuned(), found.reloaded());
        }
    }

    /** Depth is counted as in timm: a transformer block counts once. */
    @ParameterizedTest
    @CsvSource({
        "resnet20,           9, stage1.0, stem.conv.weight, head.fc.weight",
        "vit-ti-16,         12, blocks.0, embedding.projection.weight, head.weight",
        "char-gpt,           4, blocks.0, embedding.token.weight, norm.weight",
    })
    void depthsOfPresets(String preset, int units, String first, String deepest, String last) {
        try (Backend backend = Backend.open(EngineChoice.AUTO, DeviceChoice.CPU);
                Network network = Network.create(spec(preset), backend, 0)) {
            List<Group> groups =
                    Recipe.builder().layerDecay(0.5).build().learningRates(network).groups();
            assertEquals(units + 2, groups.size());
            assertEquals("stem", groups.get(0).name());
            assertEquals(first, groups.get(1).name());
            assertEquals("head", groups.get(units + 1).name());
            Map<String, Double> factors = new HashMap<>();
            groups.forEach(g -> factors.putAll(g.factors()));
            assertEquals(network.parameters().keySet(), factors.keySet());
            assertEquals(Math.pow(0.5, units + 1), factors.get(deepest));
            assertEquals(1, factors.get(last));
            for (int i = 1; i <= units; i++) {
                double factor = Math.pow(0.5, units + 1 - i);
                groups.get(i).factors().values().forEach(f -> assertEquals(factor, f));
            }
        }
    }

    private static ModelSpec spec(String name) {
        return ServiceLoader.load(PresetProvider.class).stream()
                .flatMap(p -> p.get().presets().stream())
                .filter(p -> p.name().equals(name))
                .findFirst()
                .orElseThrow()
                .spec();
    }

    private static float[] values(Network network, String path) {
        return network.parameters().get(path).getArray().toFloatArray();
    }
}

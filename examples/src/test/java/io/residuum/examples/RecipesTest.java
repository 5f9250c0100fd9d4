package io.residuum.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.BatchSource;
import io.residuum.train.Recipe;
import io.residuum.train.TrainingBatch;
import io.residuum.vision.data.DataSource;
import io.residuum.vision.image.ImageShape;
import io.residuum.vision.train.ImageClassification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The published recipes of this module. */
class RecipesTest {
    private static final Path FOLDER = Path.of("recipes");

    static List<String> published() {
        return List.of(
                "resnet-strikes-back-a1",
                "resnet-strikes-back-a2",
                "resnet-strikes-back-a3",
                "deit",
                "convnext",
                "nfnet");
    }

    private static Recipe read(String name) {
        return SpecJson.standard().read(FOLDER.resolve(name + ".json"), Recipe.class);
    }

    @ParameterizedTest
    @MethodSource("published")
    void feedsImages(String name) {
        Recipe recipe = read(name).with().batch(4).accumulate(1).stepsPerEpoch(2).build();
        ModelSpec spec =
                SpecJson.standard()
                        .parse(
                                """
                                {"format": "residuum/1", "name": "net",
                                 "input": {"type": "image", "shape": [3, 24, 24]},
                                 "network": ["globalAveragePool", {"type": "linear", "units": 10}]}
                                """,
                                "net",
                                ModelSpec.class);
        ImageClassification task =
                new ImageClassification(
                        DataSource.parse("digits:train=16,test=10")
                                .forTraining(new ImageShape(3, 24, 24)));
        assertEquals(recipe, task.completed(recipe));
        try (BatchSource source = task.trainingBatches(spec, recipe);
                BatchSource.Epoch epoch = source.epoch(1)) {
            for (int i = 0; i < 2; i++) {
                try (TrainingBatch batch = epoch.next()) {
                    assertEquals(4, batch.samples());
                }
            }
        }
    }

    /** Batch sizes and epochs as the papers print them. */
    @Test
    void haveThePapersNumbers() {
        assertEquals(2048, samples("resnet-strikes-back-a1"));
        assertEquals(2048, samples("resnet-strikes-back-a2"));
        assertEquals(2048, samples("resnet-strikes-back-a3"));
        assertEquals(1024, samples("deit"));
        assertEquals(4096, samples("convnext"));
        assertEquals(4096, samples("nfnet"));
        assertEquals(
                List.of(600, 300, 100, 300, 300, 360),
                published().stream().map(name -> read(name).epochs()).toList());
    }

    private static int samples(String name) {
        Recipe recipe = read(name);
        return recipe.batch() * recipe.accumulate();
    }

    @Test
    void theGuideNamesTheSourceOfEach() throws IOException {
        List<String> rows =
                Files.readAllLines(Path.of("../docs/training.md")).stream()
                        .filter(line -> line.startsWith("| `") && line.contains(".json`"))
                        .toList();
        try (Stream<Path> files = Files.list(FOLDER)) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                if (published().contains(name.replace(".json", ""))) {
                    List<String> named =
                            rows.stream().filter(row -> row.startsWith("| `" + name)).toList();
                    assertEquals(1, named.size(), name);
                    assertTrue(named.get(0).contains("arXiv:"), named.get(0));
                }
            }
        }
        assertFalse(rows.isEmpty());
    }
}

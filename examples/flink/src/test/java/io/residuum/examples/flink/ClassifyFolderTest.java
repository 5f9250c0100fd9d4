package io.residuum.examples.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.residuum.engine.Backend;
import io.residuum.model.ClassProbability;
import io.residuum.model.ModelMetadata;
import io.residuum.model.Network;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.SpecJson;
import io.residuum.vision.predict.ImageClassifier;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassifyFolderTest {
    private static final String SPEC =
            """
            {"format": "residuum/1", "name": "tiny", "input": {"type": "image", "shape": [3, 8, 8]},
             "network": [{"type": "conv2d", "name": "stem", "filters": 4, "kernel": 3},
                         {"type": "globalAveragePool"}, {"type": "linear", "name": "fc", "units": 3}]}
            """;

    @TempDir private Path folder;
    private String model;

    @BeforeEach
    void save() throws IOException {
        Path file = folder.resolve("tiny.safetensors");
        ModelSpec spec = SpecJson.standard().parse(SPEC, "a test", ModelSpec.class);
        try (Backend backend = Backend.open();
                Network network = Network.create(spec, backend, 1)) {
            network.setMetadata(ModelMetadata.EMPTY.withClassNames(List.of("cat", "dog", "owl")));
            network.save(file);
        }
        model = file.toString();
        Files.createDirectory(folder.resolve("pictures"));
        for (int i = 0; i < 100; i++) {
            BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
            image.setRGB(3, 4, i * 0x020301);
            ImageIO.write(image, "png", picture(i).toFile());
        }
    }

    private Path picture(int index) {
        return folder.resolve("pictures").resolve("%03d.png".formatted(index));
    }

    private List<String> run() throws Exception {
        // A cluster inside this process.
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.createLocalEnvironment(1);
        List<String> rows = new ArrayList<>();
        String pictures = folder.resolve("pictures").toString();
        try (var results =
                ClassifyFolder.classes(environment, model, pictures).executeAndCollect()) {
            results.forEachRemaining(result -> rows.add(result.toString()));
        }
        return rows;
    }

    @Test
    void aJobGivesTheClassesInOrder() throws Exception {
        List<String> rows = run();
        assertEquals(100, rows.size());
        try (ImageClassifier classifier = ImageClassifier.open(model)) {
            for (int i = 0; i < 100; i++) {
                ClassProbability best = classifier.classify(picture(i)).best();
                String[] cells = rows.get(i).split(",");
                assertEquals(picture(i).toString(), cells[0]);
                assertEquals(best.name(), cells[1]);
                assertEquals(best.probability(), Double.parseDouble(cells[2]), 1e-6);
            }
        }
    }

    @Test
    void aDamagedPictureFailsTheJob() throws Exception {
        Files.write(picture(5), new byte[] {1, 2, 3});
        assertThrows(Exception.class, this::run);
    }
}

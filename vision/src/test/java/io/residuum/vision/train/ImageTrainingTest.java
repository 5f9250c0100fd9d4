package io.residuum.vision.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.residuum.engine.EngineChoice;
import io.residuum.engine.Values;
import io.residuum.model.ModelSource;
import io.residuum.model.Network;
import io.residuum.testing.Engines;
import io.residuum.train.ProgressListener;
import io.residuum.train.Recipe;
import io.residuum.train.Trainer;
import io.residuum.train.plan.TrainingPlan;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageTrainingTest {
    private static final String DIGITS = "digits:train=128,test=20";

    @TempDir private Path folder;

    private static float[] weights(Path model) {
        try (Network network = ModelSource.of(model).open(Engines.backend(EngineChoice.PYTORCH))) {
            return Values.floats(network.state().get("conv.weight").getArray());
        }
    }

    private Trainer.Result run(TrainingPlan training, Path run) {
        return training.run(run, Engines.backend(EngineChoice.PYTORCH), ProgressListener.NONE);
    }

    @Test
    void fitsTheModelToTheImages() throws IOException {
        Path spec = folder.resolve("tiny.json");
        Files.writeString(
                spec,
                """
                {"format": "residuum/1", "name": "tiny", "input": {"type": "image", "shape": [1, 8, 8]},
                 "network": [
                   {"type": "conv2d", "name": "conv", "filters": 4, "kernel": 3},
                   {"type": "globalAveragePool", "name": "pool"},
                   {"type": "linear", "name": "head", "units": 3}]}
                """);
        Recipe recipe = Recipe.builder().epochs(1).batch(32).build();
        TrainingPlan first = ImageTraining.classifier(spec.toString(), DIGITS, recipe);
        assertEquals(
                List.of(
                        "the head: new, for 10 classes instead of 3",
                        "the input: normalized by the mean and standard deviation of the training"
                                + " images"),
                first.changes());
        assertEquals(10, first.spec().classes());
        Path run = folder.resolve("run");
        assertEquals(Trainer.Outcome.FINISHED, run(first, run).outcome());

        Recipe still = recipe.with().learningRate(1e-30).build();
        TrainingPlan second = ImageTraining.classifier(run.toString(), DIGITS, still);
        assertEquals(List.of(), second.changes());
        assertEquals(List.of(), second.task().notes());
        Path same = folder.resolve("same");
        run(second, same);
        assertArrayEquals(weights(run), weights(same), "the weights are those of the model");

        for (char name = 'a'; name <= 'j'; name++) {
            Path classFolder = Files.createDirectories(folder.resolve("photos/" + name));
            BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_GRAY);
            ImageIO.write(image, "png", classFolder.resolve("1.png").toFile());
            ImageIO.write(image, "png", classFolder.resolve("2.png").toFile());
        }
        String photos = "folder:" + folder.resolve("photos");
        assertEquals(
                List.of(
                        "classes match by position, since their names differ: class 0 is \"0\" of"
                                + " the model and \"a\" of the data"),
                ImageTraining.classifier(run.toString(), photos, recipe.withValidation(0))
                        .task()
                        .notes());
    }
}

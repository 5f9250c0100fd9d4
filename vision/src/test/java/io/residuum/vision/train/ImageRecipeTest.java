package io.residuum.vision.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.Recipe;
import io.residuum.train.TrainingException;
import io.residuum.train.Transform;
import io.residuum.vision.augment.ColorJitter;
import io.residuum.vision.augment.CutMix;
import io.residuum.vision.augment.Cutout;
import io.residuum.vision.augment.HorizontalFlip;
import io.residuum.vision.augment.Mixup;
import io.residuum.vision.augment.RandomCrop;
import io.residuum.vision.augment.RandomResizedCrop;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Recipes that hold transforms of images. */
class ImageRecipeTest {
    private static final SpecJson JSON = SpecJson.standard();

    private record OfTexts() implements Transform {}

    @Test
    void roundTrips() {
        Recipe recipe =
                Recipe.builder()
                        .augmentation(
                                List.of(
                                        new RandomResizedCrop(0.08, 1, 0.75, 4.0 / 3),
                                        new RandomCrop(4),
                                        new HorizontalFlip(0.5),
                                        new ColorJitter(0.4, 0.4, 0.4, 0),
                                        new Cutout(16)))
                        .mixing(List.of(new Mixup(0.2), new CutMix(1)))
                        .build();
        assertEquals(
                "{\"augmentation\":[\"randomResizedCrop\",\"randomCrop\",\"horizontalFlip\","
                        + "{\"type\":\"colorJitter\",\"brightness\":0.4,\"contrast\":0.4,"
                        + "\"saturation\":0.4},\"cutout\"],\"mixing\":[\"mixup\",\"cutMix\"]}",
                JSON.compact(recipe));
        assertEquals(recipe, JSON.parse(JSON.write(recipe), "test", Recipe.class));
        assertEquals(recipe, JSON.parse(JSON.writeAll(recipe), "test", Recipe.class));
    }

    @Test
    void augmentationNeedsItsTypeAlone() {
        Recipe recipe =
                JSON.parse(
                        """
                        {"augmentation": ["randomCrop", "horizontalFlip", {"type": "cutout", "size": 8}],
                         "mixing": ["cutMix"]}
                        """,
                        "test",
                        Recipe.class);
        assertEquals(
                List.of(new RandomCrop(4), new HorizontalFlip(0.5), new Cutout(8)),
                recipe.augmentation());
        assertEquals(List.of(new CutMix(1)), recipe.mixing());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    {"augmentation": [{"type": "normalize", "mean": [0], "std": [1]}]} | test:1: $.augmentation[0].type: unknown type "normalize" (accepted: augMix, autoAugment, colorJitter, cutout, horizontalFlip, progressiveResizing, randAugment, randomCrop, randomErasing, randomResizedCrop, repeatedAugmentation, timmRandAugment, trivialAugmentWide)
                    {"mixing": ["mixUp"]} | test:1: $.mixing[0]: unknown type "mixUp", did you mean "mixup"? (accepted: cutMix, mixup)
                    """)
    void mistakesAreNamed(String json, String message) {
        SpecException e =
                assertThrows(SpecException.class, () -> JSON.parse(json, "test", Recipe.class));
        assertEquals(message, e.getMessage());
    }

    @Test
    void transformsOfOtherSamplesAreRefused() {
        ImageClassification task = new ImageClassification(TinyImages.stripes());
        Recipe texts = Recipe.builder().augmentation(List.of(new OfTexts())).build();
        String message =
                String.valueOf(
                        assertThrows(TrainingException.class, () -> task.completed(texts))
                                .getMessage());
        assertTrue(
                message.contains("augmentation must hold transforms of images, got OfTexts[]"),
                message);
    }
}

package io.residuum.examples.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.spec.json.SpecJson;
import io.residuum.train.Recipe;
import org.junit.jupiter.api.Test;

class RecipeLineTest {
    @Test
    void partsAreWrittenAsInTheRecipe() {
        Recipe recipe =
                SpecJson.standard()
                        .parse(
                                """
                                {"losses": {"price": {"type": "huber", "delta": 2}},
                                 "augmentation": ["horizontalFlip", {"type": "cutout", "size": 4}],
                                 "mixing": [{"type": "mixup", "alpha": 0.3}]}
                                """,
                                "recipe",
                                Recipe.class);
        String line = RecipeLine.of(recipe);
        for (String part :
                new String[] {
                    ", loss of price {\"type\":\"huber\",\"delta\":2",
                    ", augmentation [{\"type\":\"horizontalFlip\"},"
                            + " {\"type\":\"cutout\",\"size\":4}]",
                    ", mixing [{\"type\":\"mixup\",\"alpha\":0.3}]"
                }) {
            assertTrue(line.contains(part), part + " in " + line);
        }
    }
}

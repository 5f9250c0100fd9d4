package io.residuum.examples.cli.options;

import com.google.common.base.Splitter;
import io.residuum.json.Json;
import io.residuum.spec.json.SpecJson;
import io.residuum.train.Recipe;
import io.residuum.train.RecipeBuilder;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of a recipe for augmentation. They replace its lists. */
@HelpSection("Regularization")
final class AugmentationOptions {
    @Option(
            names = "--augmentation",
            paramLabel = "LIST",
            description =
                    "Augmentation, in order: names with commas, such as"
                        + " randomResizedCrop,horizontalFlip,randomErasing, or a list in JSON as in"
                        + " a recipe: '[\"horizontalFlip\", {\"type\": \"randomErasing\", \"mode\":"
                        + " \"pixel\"}]'; [] for none. Default: the usual one of the data")
    private @Nullable String augmentation;

    @Option(
            names = "--mixing",
            paramLabel = "LIST",
            description =
                    "Mixing of images, one of the list for each batch: mixup,cutMix, or a list in"
                            + " JSON. Default: none")
    private @Nullable String mixing;

    /** Changes a recipe. */
    void apply(RecipeBuilder recipe) {
        if (augmentation != null) {
            recipe.augmentation(
                    Objects.requireNonNull(parsed("augmentation", augmentation).augmentation()));
        }
        if (mixing != null) {
            recipe.mixing(parsed("mixing", mixing).mixing());
        }
    }

    private static Recipe parsed(String key, String text) {
        String list =
                text.startsWith("[")
                        ? text
                        : Json.of(Splitter.on(',').trimResults().splitToList(text)).compact();
        return SpecJson.standard()
                .parse("{\"%s\": %s}".formatted(key, list), "--" + key, Recipe.class);
    }
}

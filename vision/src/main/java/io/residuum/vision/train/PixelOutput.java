package io.residuum.vision.train;

import io.residuum.loss.LossSpec;
import io.residuum.model.ModelMetadata;
import io.residuum.train.Recipe;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The meaning of the numbers that an image-to-image network computes for a pixel. */
public enum PixelOutput {
    /** A logit for each class. */
    CLASSES,

    /** The logit of each value, which is in [0, 1]. */
    LOGITS,

    /** The values themselves, in [0, 1]. */
    VALUES;

    /** The key in the metadata of a saved model. */
    private static final String KEY = "residuum.pixels";

    /**
     * {@return the kind of output that training on pairs of pictures teaches}
     *
     * @param masks true if the second pictures hold classes
     * @param recipe the recipe, with the loss
     */
    static PixelOutput taught(boolean masks, Recipe recipe) {
        if (masks) {
            return CLASSES;
        }
        return recipe.losses().values().stream().anyMatch(LossSpec::binaryLogits) ? LOGITS : VALUES;
    }

    /**
     * {@return the meaning that a saved model stores; empty if it was not trained on pairs of
     * pictures}
     */
    public static Optional<PixelOutput> of(ModelMetadata metadata) {
        return metadata.entry(KEY)
                .flatMap(
                        text ->
                                Arrays.stream(values())
                                        .filter(kind -> kind.text().equals(text))
                                        .findFirst());
    }

    /** {@return metadata with this meaning} */
    public ModelMetadata in(ModelMetadata metadata) {
        return metadata.with(KEY, text());
    }

    private String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}

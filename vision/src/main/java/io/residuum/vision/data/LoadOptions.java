package io.residuum.vision.data;

import static com.google.common.base.Preconditions.checkArgument;

import io.residuum.spec.ImageResize;
import io.residuum.spec.InputSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.train.Recipe;
import io.residuum.vision.image.PictureReader;
import org.jspecify.annotations.Nullable;

/**
 * The settings of opening images.
 *
 * @param validation the share of the training images to hold out for validation, in [0, 1), if the
 *     data has no validation images; 0 for none. It must be {@link Recipe#validation}. Default:
 *     that of a recipe, 0.1
 * @param skipDamaged true to leave out pictures that cannot be decoded, false to refuse the data.
 *     Default: false
 * @param pictures the decoder of files. Default: {@link PictureReader#DEFAULT}
 * @param listener receives the names of left-out files, and the progress of checks. Default: {@link
 *     LoadListener#LOG}
 * @param resize the resizing of pictures in evaluation; null for the usual one. Default: null
 */
public record LoadOptions(
        double validation,
        boolean skipDamaged,
        PictureReader pictures,
        LoadListener listener,
        @Nullable ImageResize resize) {
    /** Every default. */
    public static final LoadOptions DEFAULT = of(Recipe.defaults());

    public LoadOptions {
        checkArgument(
                validation >= 0 && validation < 1,
                "validation must be in [0, 1), got %s",
                validation);
    }

    /**
     * Creates settings with the usual resizing.
     *
     * @param validation the share of the training images to hold out
     * @param skipDamaged true to leave out pictures that cannot be decoded
     * @param pictures the decoder of files
     * @param listener receives the names of left-out files, and the progress of checks
     */
    public LoadOptions(
            double validation, boolean skipDamaged, PictureReader pictures, LoadListener listener) {
        this(validation, skipDamaged, pictures, listener, null);
    }

    /**
     * {@return these settings with the resizing of a network}
     *
     * @param spec the network
     */
    public LoadOptions resizedFor(ModelSpec spec) {
        ImageResize own = spec.input() instanceof InputSpec.Image image ? image.resize() : null;
        return new LoadOptions(validation, skipDamaged, pictures, listener, own);
    }

    /**
     * {@return the settings for training with a recipe, otherwise the defaults}
     *
     * @param recipe the recipe, which says how many images to hold out
     */
    public static LoadOptions of(Recipe recipe) {
        return new LoadOptions(recipe.validation(), false, PictureReader.DEFAULT, LoadListener.LOG);
    }
}

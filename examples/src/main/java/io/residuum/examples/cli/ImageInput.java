package io.residuum.examples.cli;

import io.residuum.data.ImageShape;
import io.residuum.data.Normalize;
import io.residuum.spec.Check;
import io.residuum.spec.InputSpec;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * How a network reads images.
 *
 * @param shape of one image
 * @param normalize of its values; empty if they stay in [0, 1]
 */
record ImageInput(ImageShape shape, Optional<Normalize> normalize) {

    /**
     * Of a model.
     *
     * @throws io.residuum.spec.SpecException if it does not read images
     */
    static ImageInput of(Model model) {
        Check.that(
                model.spec().input() instanceof InputSpec.Image,
                "the network must read images, but the input of %s is %s",
                model.label(),
                model.spec().input());
        InputSpec.Image input = (InputSpec.Image) model.spec().input();
        int channels = input.shape().get(0);
        ImageShape shape = new ImageShape(channels, input.shape().get(1), input.shape().get(2));
        if (input.mean().isEmpty() && input.std().isEmpty()) {
            return new ImageInput(shape, Optional.empty());
        }
        List<Double> mean = orAll(input.mean(), channels, 0.0);
        List<Double> std = orAll(input.std(), channels, 1.0);
        return new ImageInput(shape, Optional.of(new Normalize(mean, std)));
    }

    private static List<Double> orAll(List<Double> values, int channels, double otherwise) {
        return values.isEmpty() ? Collections.nCopies(channels, otherwise) : values;
    }
}

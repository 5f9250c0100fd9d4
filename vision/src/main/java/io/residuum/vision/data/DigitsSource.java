package io.residuum.vision.data;

import io.residuum.data.GeneratedSizes;
import io.residuum.vision.augment.RandomCrop;
import io.residuum.vision.image.ImageShape;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** Digits generated on demand. */
record DigitsSource(GeneratedSizes sizes) implements DataSource {
    static final DigitsSource DEFAULT = new DigitsSource(new GeneratedSizes(20_000, 2_000, 1));

    /** Parses {@code train=N,test=N,seed=N}, all optional. */
    static DigitsSource parse(String settings) {
        return new DigitsSource(DEFAULT.sizes.with("digits:", settings));
    }

    @Override
    public DataSplits forTraining(ImageShape shape, LoadOptions options) {
        int validation = sizes.validation(options.validation());
        return new DataSplits(
                "digits (seed " + sizes.seed() + ")",
                digits(sizes.train(), Digits.Part.TRAIN, shape),
                validation == 0
                        ? Optional.empty()
                        : Optional.of(digits(validation, Digits.Part.VALIDATION, shape)),
                Optional.of(forEvaluation(shape, options)),
                OptionalDouble.of(options.validation()),
                List.of(new RandomCrop(2)));
    }

    @Override
    public ImageSet forEvaluation(ImageShape shape, LoadOptions options) {
        return digits(sizes.test(), Digits.Part.TEST, shape);
    }

    private ImageSet digits(int count, Digits.Part part, ImageShape shape) {
        return Digits.write(count, sizes.seed(), part).adaptedTo(shape);
    }
}

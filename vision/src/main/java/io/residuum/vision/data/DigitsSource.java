package io.residuum.vision.data;

import com.google.common.base.Splitter;
import io.residuum.data.DataException;
import io.residuum.vision.augment.RandomCrop;
import io.residuum.vision.image.ImageShape;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Digits generated on demand. */
record DigitsSource(int train, int test, long seed) implements DataSource {
    static final DigitsSource DEFAULT = new DigitsSource(20_000, 2_000, 1);
    private static final Pattern SETTING = Pattern.compile("(train|test|seed)=(\\d{1,9})");

    DigitsSource {
        if (train < 1 || test < 1) {
            throw new DataException(
                    "digits must have at least 1 image to train on and 1 to test on, got train="
                            + train
                            + ",test="
                            + test);
        }
    }

    /** Parses {@code train=N,test=N,seed=N}, all optional. */
    static DigitsSource parse(String settings) {
        DigitsSource parsed = DEFAULT;
        for (String setting : Splitter.on(',').split(settings)) {
            Matcher matcher = SETTING.matcher(setting);
            if (!matcher.matches()) {
                throw new DataException(
                        "settings must be as in digits:train=20000,test=2000,seed=1, got '"
                                + setting
                                + "'");
            }
            int value = Integer.parseInt(matcher.group(2));
            parsed =
                    switch (matcher.group(1)) {
                        case "train" -> new DigitsSource(value, parsed.test, parsed.seed);
                        case "test" -> new DigitsSource(parsed.train, value, parsed.seed);
                        default -> new DigitsSource(parsed.train, parsed.test, value);
                    };
        }
        return parsed;
    }

    @Override
    public DataSplits forTraining(ImageShape shape, LoadOptions options) {
        // More digits can be generated, so that all training digits are trained on.
        int validation = (int) Math.round(options.validation() * train);
        return new DataSplits(
                "digits (seed " + seed + ")",
                Digits.write(train, seed, Digits.Part.TRAIN).adaptedTo(shape),
                validation == 0
                        ? Optional.empty()
                        : Optional.of(
                                Digits.write(validation, seed, Digits.Part.VALIDATION)
                                        .adaptedTo(shape)),
                Optional.of(Digits.write(test, seed, Digits.Part.TEST).adaptedTo(shape)),
                OptionalDouble.of(options.validation()),
                List.of(new RandomCrop(2)));
    }

    @Override
    public ImageSet forEvaluation(ImageShape shape, LoadOptions options) {
        return Digits.write(test, seed, Digits.Part.TEST).adaptedTo(shape);
    }
}

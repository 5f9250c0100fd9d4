package io.residuum.data;

import java.util.List;
import java.util.Optional;

/** Digits written on demand. */
record DigitsSource(int train, int test, long seed) implements DataSource {
    DigitsSource {
        if (train < 1 || test < 1) {
            throw new DataException(
                    "digits must have at least 1 image to train on and 1 to test on, got train="
                            + train
                            + ",test="
                            + test);
        }
    }

    @Override
    public DataSplits forTraining(ImageShape shape) {
        return DataSplits.of(
                "digits (seed " + seed + ")",
                Digits.write(train, seed, Digits.Part.TRAIN),
                Optional.of(Digits.write(test, seed, Digits.Part.TEST)),
                shape,
                List.of(new RandomCrop(2)));
    }

    @Override
    public ImageSet forEvaluation(ImageShape shape) {
        return Digits.write(test, seed, Digits.Part.TEST).adaptedTo(shape);
    }
}

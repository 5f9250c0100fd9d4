package io.residuum.train.samples;

import ai.djl.ndarray.types.Shape;
import io.residuum.data.DataException;
import io.residuum.data.GeneratedSizes;
import io.residuum.data.Seeds;
import io.residuum.optim.OptimizerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.json.Defaults;
import io.residuum.train.Recipe;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Generates the adding problem (Hochreiter and Schmidhuber 1997, Section 5.4), which needs memory
 * over long times. A sequence {@code (length, 2)} has a number in [0, 1) at each position and a
 * mark, which is 1 at one position of each half and 0 elsewhere. The target is the sum of the two
 * marked numbers. Numbers and marks are those of Arjovsky et al. 2016, arXiv:1511.06464. A constant
 * answer of 1 has a mean squared error of 1/6.
 *
 * <p>Sequence i depends only on the length, the seed, the part and i, and is the same on every
 * platform. In the syntax of {@code --data}:
 *
 * <pre>
 * adding:100                                length 100, with the default sizes
 * adding:100,train=100000,test=10000,seed=1
 * </pre>
 *
 * @param length the number of positions, at least 2
 * @param sizes the sizes of the parts, and the seed
 */
public record AddingProblem(int length, GeneratedSizes sizes) implements SampleSource {
    private static final GeneratedSizes SIZES = new GeneratedSizes(100_000, 10_000, 1);
    private static final Pattern TEXT = Pattern.compile("(\\d{1,9})(?:,(.*))?");

    /** The parts never share a sequence. */
    private enum Part {
        TRAIN,
        TEST,
        VALIDATION
    }

    public AddingProblem {
        if (length < 2) {
            throw new DataException(
                    "sequences of the adding problem must have 2 positions or more, got " + length);
        }
    }

    /**
     * Creates the problem with the default sizes.
     *
     * @param length the number of positions, at least 2
     */
    public AddingProblem(int length) {
        this(length, SIZES);
    }

    /**
     * Parses the text after {@code adding:}.
     *
     * @param text the length and the settings, as in the table above
     * @throws DataException if the text has another form
     */
    public static AddingProblem parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw new DataException(
                    "adding must begin with the length of the sequences, as in adding:100 or adding:100,train=%d, got 'adding:%s'"
                            .formatted(SIZES.train(), text));
        }
        int length = Integer.parseInt(matcher.group(1));
        String settings = matcher.group(2);
        return settings == null
                ? new AddingProblem(length)
                : new AddingProblem(length, SIZES.with("adding:" + length + ",", settings));
    }

    /**
     * Returns the sequences for training.
     *
     * @param share the number of validation sequences as a share of the training sequences, in [0,
     *     1)
     * @return the parts, generated as they are read
     */
    public SampleSplits forTraining(double share) {
        int validation = sizes.validation(share);
        return new SampleSplits(
                toString(),
                part(Part.TRAIN, sizes.train()),
                validation == 0 ? Optional.empty() : Optional.of(part(Part.VALIDATION, validation)),
                Optional.of(part(Part.TEST, sizes.test())),
                OptionalDouble.of(share));
    }

    /** {@return the sequences for testing} */
    public SampleSplits forEvaluation() {
        return SampleSplits.toEvaluate(toString(), part(Part.TEST, sizes.test()));
    }

    @Override
    public SampleSplits open(ModelSpec spec, double share) {
        return forTraining(share);
    }

    @Override
    public SampleSplits forEvaluation(ModelSpec spec) {
        return forEvaluation();
    }

    /** {@return Adam with clipped gradients, which networks over long times need} */
    @Override
    public Optional<Recipe> recipe() {
        return Optional.of(
                Recipe.builder()
                        .epochs(5)
                        .batch(64)
                        .optimizer(Defaults.of(OptimizerSpec.Adam.class))
                        .learningRate(1e-3)
                        .clipNorm(1.0)
                        .build());
    }

    private Samples part(Part part, int size) {
        return new Samples() {
            @Override
            public int size() {
                return size;
            }

            @Override
            public Sample get(int index) {
                return sequence(Seeds.random(sizes.seed(), part.ordinal(), index));
            }
        };
    }

    private Sample sequence(SplittableRandom random) {
        float[] values = new float[2 * length];
        for (int t = 0; t < length; t++) {
            values[2 * t] = random.nextInt(1 << 24) * 0x1p-24f;
        }
        int first = random.nextInt(length / 2);
        int second = random.nextInt(length / 2, length);
        values[2 * first + 1] = 1;
        values[2 * second + 1] = 1;
        return Sample.of(
                new Tensor.Numbers(values, new Shape(length, 2)),
                Tensor.numbers(values[2 * first] + values[2 * second]));
    }

    /** {@return the problem in a few words, for people} */
    @Override
    public String toString() {
        return "adding problem (length %d, seed %d)".formatted(length, sizes.seed());
    }
}

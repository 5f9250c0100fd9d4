package io.residuum.train.samples;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import io.residuum.data.DataException;
import io.residuum.data.Seeds;
import io.residuum.train.TrainingException;
import io.residuum.train.Transform;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * Samples that are addressed by index. Several threads read them at once, and the same index gives
 * the same sample each time. The caller that opens samples closes them.
 */
public non-sealed interface Samples extends TrainingSamples, AutoCloseable {

    /** {@return the number of samples, at least 1} */
    int size();

    /**
     * Returns a sample.
     *
     * @param index its index, in [0, size)
     * @throws DataException if it cannot be read
     */
    Sample get(int index);

    /**
     * Returns a sample as training reads it. Default: as {@link #get}
     *
     * @param index its index, in [0, size)
     * @param random the random numbers of this sample in this epoch
     * @throws DataException if it cannot be read
     */
    default Sample augmented(int index, RandomGenerator random) {
        return get(index);
    }

    /**
     * {@return these samples, augmented in training by the transforms of the recipe}
     *
     * @param transforms the transforms, in order
     * @throws TrainingException if the samples have no such transforms. Default: none
     */
    default Samples augmentedBy(List<? extends Transform> transforms) {
        if (!transforms.isEmpty()) {
            throw new TrainingException(
                    "augmentation must hold transforms of these samples, which have none, got %s; remove it from the recipe"
                            .formatted(transforms));
        }
        return this;
    }

    /**
     * {@return a hash of the samples, which stays the same in another folder or on another machine}
     * By default it covers the number of samples and the values of at most 64 of them, spread
     * evenly.
     */
    default String fingerprint() {
        Hasher hasher = Hashing.sha256().newHasher().putInt(size());
        int count = Math.min(size(), 64);
        for (int i = 0; i < count; i++) {
            Sample sample = get((int) ((long) i * size() / count));
            put(hasher, sample.inputs());
            put(hasher, sample.targets());
        }
        return hasher.hash().toString();
    }

    private static void put(Hasher hasher, Map<String, Tensor> tensors) {
        // The order of names may differ between processes.
        new TreeMap<>(tensors)
                .forEach(
                        (name, tensor) -> {
                            hasher.putUnencodedChars(name)
                                    .putUnencodedChars(tensor.shape().toString());
                            if (tensor instanceof Tensor.Numbers numbers) {
                                for (float value : numbers.values()) {
                                    hasher.putFloat(value);
                                }
                            } else if (tensor instanceof Tensor.Integers integers) {
                                for (long value : integers.values()) {
                                    hasher.putLong(value);
                                }
                            }
                        });
    }

    /** Releases what the samples hold, such as a file. Default: nothing. Safe to call twice. */
    @Override
    default void close() {}

    @Override
    default String amount() {
        return String.format(Locale.ROOT, size() == 1 ? "%,d sample" : "%,d samples", size());
    }

    /**
     * {@return samples in memory}
     *
     * @param samples one or more
     */
    static Samples of(List<Sample> samples) {
        if (samples.isEmpty()) {
            throw new DataException("data must have one sample or more, got none");
        }
        List<Sample> all = List.copyOf(samples);
        return new Samples() {
            @Override
            public int size() {
                return all.size();
            }

            @Override
            public Sample get(int index) {
                return all.get(index);
            }
        };
    }

    /**
     * {@return a view of the samples with these indices, in this order}
     *
     * @param indices the indices, at least one
     */
    default Samples subset(int... indices) {
        int[] kept = indices.clone();
        Samples all = this;
        return new Samples() {
            @Override
            public int size() {
                return kept.length;
            }

            @Override
            public Sample get(int index) {
                return all.get(kept[index]);
            }

            @Override
            public Sample augmented(int index, RandomGenerator random) {
                return all.augmented(kept[index], random);
            }

            @Override
            public Samples augmentedBy(List<? extends Transform> transforms) {
                return all.augmentedBy(transforms).subset(kept);
            }

            @Override
            public void close() {
                all.close();
            }
        };
    }

    /**
     * Divides indices into a part to train on and a part that is held out, at random.
     *
     * @param size the number of samples
     * @param share the share to hold out, in (0, 1)
     * @param seed the seed; the same seed gives the same parts
     * @return the indices to train on and those that are held out, each ascending
     * @throws DataException if there are too few samples
     */
    static List<int[]> split(int size, double share, long seed) {
        int held = (int) Math.round(share * size);
        if (held == 0 || held == size) {
            throw new DataException(
                    "%d samples are too few to hold out a share of %s; give validation data, or hold out nothing (--validation 0)"
                            .formatted(size, share));
        }
        int[] order = Seeds.permutation(size, Seeds.random(seed));
        return List.of(
                Arrays.stream(order, held, size).sorted().toArray(),
                Arrays.stream(order, 0, held).sorted().toArray());
    }
}

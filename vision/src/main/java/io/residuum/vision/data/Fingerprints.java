package io.residuum.vision.data;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.util.stream.IntStream;

/** Parts of the {@link ImageSet#fingerprint fingerprints} of image sets. */
final class Fingerprints {
    private static final int SAMPLE = 64;

    private Fingerprints() {}

    /** {@return a hasher that has read the classes and all labels} */
    static Hasher begin(ImageSet set) {
        Hasher hasher = Hashing.murmur3_128().newHasher().putInt(set.size());
        set.classNames().forEach(name -> hasher.putUnencodedChars(name).putChar('\0'));
        IntStream.range(0, set.size()).map(set::label).forEach(hasher::putInt);
        return hasher;
    }

    /** {@return at most 64 indices, spread evenly over a set} */
    static int[] sample(int size) {
        int count = Math.min(size, SAMPLE);
        return IntStream.range(0, count).map(i -> (int) ((long) i * size / count)).toArray();
    }
}

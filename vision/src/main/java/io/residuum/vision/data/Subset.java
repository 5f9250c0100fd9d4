package io.residuum.vision.data;

import static com.google.common.base.Preconditions.checkElementIndex;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import io.residuum.data.DataException;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import java.util.Arrays;
import java.util.List;

/** A view of some images of a set. */
final class Subset implements ImageSet {
    private final ImageSet base;
    private final int[] indices;

    Subset(ImageSet base, int[] indices) {
        if (indices.length == 0) {
            throw new DataException("a set must keep at least 1 image, got an empty subset");
        }
        for (int index : indices) {
            checkElementIndex(index, base.size(), "subset");
        }
        this.base = base;
        this.indices = indices.clone();
    }

    @Override
    public int size() {
        return indices.length;
    }

    @Override
    public ImageShape shape() {
        return base.shape();
    }

    @Override
    public List<String> classNames() {
        return base.classNames();
    }

    @Override
    public int label(int index) {
        return base.label(indices[index]);
    }

    @Override
    public String name(int index) {
        return base.name(indices[index]);
    }

    @Override
    public void read(int index, Image into) {
        base.read(indices[index], into);
    }

    @Override
    public void readOriginal(int index, Image into) {
        base.readOriginal(indices[index], into);
    }

    @Override
    public String fingerprint() {
        Hasher hasher = Hashing.murmur3_128().newHasher().putUnencodedChars(base.fingerprint());
        Arrays.stream(indices).forEach(hasher::putInt);
        return hasher.hash().toString();
    }
}

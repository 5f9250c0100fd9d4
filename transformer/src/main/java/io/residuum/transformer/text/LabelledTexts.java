package io.residuum.transformer.text;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import io.residuum.data.ClassNames;
import io.residuum.data.DataException;
import io.residuum.data.Seeds;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/** A data set of texts with labels, in memory. */
public final class LabelledTexts {
    private final List<String> texts;
    private final int[] labels;
    private final List<String> classNames;

    /**
     * Creates a data set.
     *
     * @param labels the class of each text, an index into {@code classNames}
     */
    public LabelledTexts(List<String> texts, int[] labels, List<String> classNames) {
        checkArgument(
                texts.size() == labels.length,
                "there must be one label per text, got %s labels and %s texts",
                labels.length,
                texts.size());
        for (int label : labels) {
            checkArgument(
                    label >= 0 && label < classNames.size(),
                    "a label must be in [0, %s), got %s",
                    classNames.size(),
                    label);
        }
        this.texts = List.copyOf(texts);
        this.labels = labels.clone();
        this.classNames = List.copyOf(classNames);
    }

    /**
     * Returns the number of texts.
     *
     * @return the number of texts, 0 or more
     */
    public int size() {
        return labels.length;
    }

    /**
     * Returns a text.
     *
     * @param index the index, in [0, size)
     */
    public String text(int index) {
        return texts.get(index);
    }

    /**
     * Returns the class of a text.
     *
     * @param index the index, in [0, size)
     * @return an index into {@link #classNames}
     */
    public int label(int index) {
        return labels[index];
    }

    /**
     * Returns the names of the classes.
     *
     * @return the names, sorted by value if all are numbers, otherwise alphabetically
     */
    public List<String> classNames() {
        return classNames;
    }

    /**
     * Returns the same texts with labels for other names.
     *
     * @param names the names of the new labels; all classes of this set are among them
     * @throws DataException if a class is not among them
     */
    LabelledTexts labelledBy(List<String> names) {
        int[] other = ClassNames.labels(classNames, names);
        return new LabelledTexts(texts, Arrays.stream(labels).map(i -> other[i]).toArray(), names);
    }

    /**
     * Returns a hash of all texts and labels.
     *
     * @return the hash, which does not depend on names of files
     */
    String fingerprint() {
        Hasher hasher = Hashing.murmur3_128().newHasher();
        classNames.forEach(name -> hasher.putUnencodedChars(name).putChar('\0'));
        for (int i = 0; i < labels.length; i++) {
            hasher.putInt(labels[i]).putInt(texts.get(i).length()).putUnencodedChars(texts.get(i));
        }
        return hasher.hash().toString();
    }

    /**
     * Two disjoint parts of a data set.
     *
     * @param kept the remaining texts
     * @param heldOut the texts held out
     */
    record Split(LabelledTexts kept, LabelledTexts heldOut) {}

    /** Splits the data set at random, class by class. Both parts keep the order of this set. */
    Split split(double fraction, long seed) {
        boolean[] out = Seeds.stratified(labels, fraction, seed);
        LabelledTexts kept = subset(all(i -> !out[i]));
        LabelledTexts held = subset(all(i -> out[i]));
        if (kept.size() == 0 || held.size() == 0) {
            throw new DataException(
                    size()
                            + " texts are too few to hold out a share of "
                            + fraction
                            + " of each class; give a validation set, or hold out nothing"
                            + " (--validation 0)");
        }
        return new Split(kept, held);
    }

    private int[] all(IntPredicate wanted) {
        return IntStream.range(0, size()).filter(wanted).toArray();
    }

    /** Returns the texts with these indices, in this order. */
    LabelledTexts subset(int[] indices) {
        return new LabelledTexts(
                Arrays.stream(indices).mapToObj(texts::get).toList(),
                Arrays.stream(indices).map(i -> labels[i]).toArray(),
                classNames);
    }
}

package io.residuum.transformer.text;

import static com.google.common.base.Preconditions.checkArgument;

import io.residuum.data.DataException;
import io.residuum.data.Seeds;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Texts that belong to classes, in memory. */
public final class LabelledTexts {
    private final List<String> texts;
    private final int[] labels;
    private final List<String> classNames;

    /**
     * Creates a set.
     *
     * @param texts the texts
     * @param labels the class of each, an index into the names
     * @param classNames the names
     */
    public LabelledTexts(List<String> texts, int[] labels, List<String> classNames) {
        checkArgument(
                texts.size() == labels.length,
                "there must be a label for each text, got %s and %s",
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
     * The number of texts.
     *
     * @return 0 or more
     */
    public int size() {
        return labels.length;
    }

    /**
     * Returns a text.
     *
     * @param index in [0, size)
     * @return the text
     */
    public String text(int index) {
        return texts.get(index);
    }

    /**
     * Returns a text's class.
     *
     * @param index in [0, size)
     * @return an index into {@link #classNames}
     */
    public int label(int index) {
        return labels[index];
    }

    /**
     * The names of the classes.
     *
     * @return sorted: numbers by their size, all else by their letters
     */
    public List<String> classNames() {
        return classNames;
    }

    /**
     * Two disjoint parts of a set.
     *
     * @param kept what is left
     * @param heldOut what was taken out
     */
    record Split(LabelledTexts kept, LabelledTexts heldOut) {}

    /** Divides the set at random, class by class; each part is in the order of this set. */
    Split split(double fraction, long seed) {
        int[] quota = new int[classNames.size()];
        Arrays.stream(labels).forEach(label -> quota[label]++);
        Arrays.setAll(quota, label -> (int) Math.round(fraction * quota[label]));
        boolean[] out = new boolean[size()];
        for (int index : Seeds.permutation(size(), Seeds.random(seed))) {
            out[index] = quota[labels[index]]-- > 0;
        }
        LabelledTexts kept = subset(IntStream.range(0, size()).filter(i -> !out[i]).toArray());
        LabelledTexts held = subset(IntStream.range(0, size()).filter(i -> out[i]).toArray());
        if (kept.size() == 0 || held.size() == 0) {
            throw new DataException(
                    size()
                            + " texts are too few to hold out a tenth of each class: give a test"
                            + " set");
        }
        return new Split(kept, held);
    }

    private LabelledTexts subset(int[] indices) {
        return new LabelledTexts(
                Arrays.stream(indices).mapToObj(texts::get).toList(),
                Arrays.stream(indices).map(i -> labels[i]).toArray(),
                classNames);
    }
}

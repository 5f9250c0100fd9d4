package io.residuum.vision.data;

import io.residuum.data.DataException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * Decodes every picture of a folder before training begins, on all cores. A damaged picture would
 * otherwise stop training in the middle of an epoch.
 */
final class PictureCheck {
    /** The number of damaged pictures that a message names. */
    private static final int NAMED = 5;

    private final Path folder;
    private final LoadOptions options;
    private final SortedMap<Integer, String> damaged = new TreeMap<>();
    private int done;

    PictureCheck(Path folder, LoadOptions options) {
        this.folder = folder;
        this.options = options;
    }

    /**
     * Runs a function for every index on all cores.
     *
     * @param read reads a picture; fails with a DataException if it is damaged
     */
    void run(int size, IntConsumer read) {
        IntStream.range(0, size)
                .parallel()
                .forEach(
                        i -> {
                            String error = null;
                            try {
                                read.accept(i);
                            } catch (DataException e) {
                                error = e.getMessage();
                            }
                            synchronized (this) {
                                if (error != null) {
                                    damaged.put(i, error);
                                }
                                options.listener().checked(++done, size);
                            }
                        });
    }

    /**
     * {@return the pictures that could be read}
     *
     * @throws DataException if some could not, unless the options say to leave them out
     */
    ImageSet intact(ImageSet set) {
        if (damaged.isEmpty()) {
            return set;
        }
        List<String> named = new ArrayList<>(damaged.values().stream().limit(NAMED).toList());
        if (damaged.size() > NAMED) {
            named.add("and " + (damaged.size() - NAMED) + " more");
        }
        if (!options.skipDamaged() || damaged.size() == set.size()) {
            throw new DataException(
                    String.format(
                            Locale.ROOT,
                            "%,d of %,d pictures in %s cannot be read: %s. Replace them, or leave"
                                    + " them out (--skip-damaged)",
                            damaged.size(),
                            set.size(),
                            folder,
                            String.join("; ", named)));
        }
        options.listener().leftOut(new LeftOut(folder, "damaged", damaged.size(), named));
        return set.subset(
                IntStream.range(0, set.size()).filter(i -> !damaged.containsKey(i)).toArray());
    }
}

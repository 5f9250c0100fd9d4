package io.residuum.vision.data;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.math.IntMath;
import io.residuum.data.Prefetcher;
import io.residuum.data.Seeds;
import io.residuum.data.Share;
import io.residuum.spec.Check;
import io.residuum.spec.SpecException;
import io.residuum.vision.augment.Augmentation;
import io.residuum.vision.augment.Mixing;
import io.residuum.vision.augment.ProgressiveResizing;
import io.residuum.vision.augment.RandomResizedCrop;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import io.residuum.vision.image.Normalize;
import java.math.RoundingMode;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.LongFunction;
import java.util.stream.IntStream;

/**
 * Reads, augments and batches images on background threads and prefetches a few batches. The
 * content of an epoch depends only on the settings, the seed and the epoch's number, never on the
 * number of threads:
 *
 * <pre>{@code
 * try (BatchLoader loader = BatchLoader.over(set).batchSize(64).shuffle(true).seed(7).open()) {
 *     try (Prefetcher.Batches<Batch> epoch = loader.epoch(0)) {
 *         while (epoch.hasNext()) {
 *             try (Batch batch = epoch.next()) { ... }
 *         }
 *     }
 * }
 * }</pre>
 */
public final class BatchLoader implements AutoCloseable {
    private static final int ORDER = 0;
    private static final int SAMPLE = 1;
    private static final int MIXING = 2;

    private final ImageSet set;
    private final int batchSize;
    private final boolean shuffle;
    private final long seed;
    private final boolean dropLast;
    private final List<Augmentation> augmentations;
    private final List<Augmentation> ofNormalized;
    private final Optional<Normalize> normalization;
    private final List<Mixing> mixings;
    private final int repeats;
    private final LongFunction<ImageShape> shapes;
    private final Prefetcher prefetcher;
    private final Queue<float[]> buffers;

    private BatchLoader(Builder b) {
        set = b.set;
        batchSize = b.batchSize;
        shuffle = b.shuffle;
        seed = b.seed;
        dropLast = b.dropLast;
        int normalized = Builder.firstOfNormalized(b.augmentations);
        augmentations = b.augmentations.subList(0, normalized);
        ofNormalized = b.augmentations.subList(normalized, b.augmentations.size());
        normalization = b.normalization;
        mixings = b.mixings;
        repeats = b.repeats;
        shapes = b.shapes;
        buffers = new ConcurrentLinkedQueue<>();
        prefetcher = new Prefetcher(b.workers, b.prefetch);
    }

    /**
     * {@return a builder of a loader with batches of 128, in order, none dropped, not augmented}
     */
    public static Builder over(ImageSet set) {
        return new Builder(set);
    }

    /** {@return the number of batches in an epoch, at least 1} */
    public int batches() {
        return dropLast
                ? set.size() / batchSize
                : IntMath.divide(set.size(), batchSize, RoundingMode.CEILING);
    }

    /**
     * Begins an epoch. Loading starts immediately.
     *
     * @param number the number of the epoch, which determines order and augmentation
     * @throws IllegalStateException if the loader is closed
     */
    public Prefetcher.Batches<Batch> epoch(long number) {
        return epoch(number, Share.ALL);
    }

    /**
     * Begins an epoch of one of several processes.
     *
     * @param number as for {@link #epoch(long)}
     * @param share the batches of this process
     * @return these batches
     */
    public Prefetcher.Batches<Batch> epoch(long number, Share share) {
        int size = set.size();
        int[] once =
                shuffle
                        ? Seeds.permutation(size, Seeds.random(seed, ORDER, number))
                        : IntStream.range(0, size).toArray();
        int[] order = IntStream.range(0, size).map(i -> once[i / repeats]).toArray();
        return prefetcher.epoch(
                number, share.size(batches()), i -> load(number, share.batch(i), order));
    }

    /** Stops the threads and waits for them. Open epochs end with an error. */
    @Override
    public void close() {
        prefetcher.close();
    }

    private Batch load(long epoch, int number, int[] order) {
        int[] indices =
                Arrays.copyOfRange(
                        order,
                        number * batchSize,
                        Math.min(order.length, (number + 1) * batchSize));
        int size = indices.length;
        ImageShape shape = shapes.apply(epoch);
        float[] images = buffer(size * shape.length());
        int[] labels = new int[size];
        Image image = new Image();
        for (int i = 0; i < size; i++) {
            labels[i] = set.label(indices[i]);
            sample(epoch, indices[i], (number * batchSize + i) % repeats, shape, image);
            System.arraycopy(image.values(), 0, images, i * shape.length(), shape.length());
        }
        float[] targets = null;
        if (!mixings.isEmpty()) {
            targets = targets(labels);
            mix(epoch, number, images, shape, targets, size);
        }
        return new Batch(shape, images, indices, labels, targets, buffers::add);
    }

    private void sample(long epoch, int index, int copy, ImageShape shape, Image image) {
        boolean original =
                !augmentations.isEmpty() && augmentations.get(0) instanceof RandomResizedCrop;
        if (original) {
            set.readOriginal(index, image);
        } else {
            set.read(index, image);
            image.resize(shape.height(), shape.width());
        }
        SplittableRandom random =
                copy == 0
                        ? Seeds.random(seed, SAMPLE, epoch, index)
                        : Seeds.random(seed, SAMPLE, epoch, index, copy);
        augmentations.forEach(a -> a.apply(image, shape, random));
        normalization.ifPresent(n -> n.apply(image));
        ofNormalized.forEach(a -> a.apply(image, shape, random));
    }

    private float[] targets(int[] labels) {
        int classes = set.classNames().size();
        float[] targets = new float[labels.length * classes];
        for (int i = 0; i < labels.length; i++) {
            targets[i * classes + labels[i]] = 1;
        }
        return targets;
    }

    private void mix(
            long epoch, int number, float[] images, ImageShape shape, float[] targets, int size) {
        SplittableRandom random = Seeds.random(seed, MIXING, epoch, number);
        Mixing.draw(mixings, random)
                .ifPresent(mixing -> mixing.apply(images, shape, targets, size, random));
    }

    private float[] buffer(int length) {
        float[] used = buffers.poll();
        return used != null && used.length == length ? used : new float[length];
    }

    /** Collects the settings of a loader. */
    public static final class Builder {
        private final ImageSet set;
        private int batchSize = 128;
        private boolean shuffle;
        private long seed;
        private boolean dropLast;
        private List<Augmentation> augmentations = List.of();
        private Optional<Normalize> normalization = Optional.empty();
        private List<Mixing> mixings = List.of();
        private int repeats = 1;
        private LongFunction<ImageShape> shapes;
        private ImageShape largest;
        private int workers =
                Math.max(1, Math.min(8, Runtime.getRuntime().availableProcessors() / 2));
        private int prefetch = 2;

        private Builder(ImageSet set) {
            this.set = set;
            this.shapes = epoch -> set.shape();
            this.largest = set.shape();
        }

        /** Returns where the transforms of normalized values at the end of a list begin. */
        private static int firstOfNormalized(List<Augmentation> list) {
            int first = list.size();
            while (first > 0 && list.get(first - 1).ofNormalized()) {
                first--;
            }
            return first;
        }

        /** Sets the number of images in a batch. Default: 128. */
        public Builder batchSize(int size) {
            checkArgument(size > 0, "batch size must be positive, got %s", size);
            batchSize = size;
            return this;
        }

        /** Enables shuffling, a new random order in each epoch. Default: the order of the set. */
        public Builder shuffle(boolean on) {
            shuffle = on;
            return this;
        }

        /** Sets the seed of order, augmentation and mixing. Default: 0. */
        public Builder seed(long value) {
            seed = value;
            return this;
        }

        /** Drops a smaller last batch, as training prefers. Default: false. */
        public Builder dropLast(boolean on) {
            dropLast = on;
            return this;
        }

        /**
         * Sets the transforms of each image, in order. Default: none.
         *
         * @throws SpecException if a random resized crop is not first, or one {@link
         *     Augmentation#ofNormalized} not at the end
         */
        public Builder augment(List<Augmentation> list) {
            Check.that(
                    list.subList(0, firstOfNormalized(list)).stream()
                            .noneMatch(Augmentation::ofNormalized),
                    "Cutout, RandomErasing and others of normalized values must come last, got %s;"
                            + " move them to the end",
                    list);
            for (int i = 1; i < list.size(); i++) {
                Check.that(
                        !(list.get(i) instanceof RandomResizedCrop),
                        "RandomResizedCrop must come first, as it cuts from the original image, but"
                                + " is number %s; move it to the front",
                        i + 1);
            }
            augmentations = List.copyOf(list);
            return this;
        }

        /**
         * Sets the normalization after the augmentation, but before the transforms {@link
         * Augmentation#ofNormalized} at its end, whose zeros are then the mean. Default: none.
         *
         * @throws IllegalArgumentException if its number of channels differs from the images'
         */
        public Builder normalize(Optional<Normalize> mapping) {
            mapping.ifPresent(
                    n ->
                            checkArgument(
                                    n.mean().size() == set.shape().channels(),
                                    "Normalize must have one mean for each of the %s channels, got"
                                            + " %s",
                                    set.shape().channels(),
                                    n.mean()));
            normalization = mapping;
            return this;
        }

        /** Sets the kinds of mixing. Each batch draws one of them. Default: none. */
        public Builder mix(List<Mixing> list) {
            mixings = List.copyOf(list);
            return this;
        }

        /**
         * Sets the number of differently augmented copies of each image, one after another. The
         * number of samples in an epoch stays. Default: 1.
         */
        public Builder repeats(int count) {
            checkArgument(count > 0, "repeats must be positive, got %s", count);
            repeats = count;
            return this;
        }

        /**
         * Sets the sizes of the images by the number of the epoch. Default: the shape of the set.
         *
         * @param resizing the sizes
         * @param epochs the number of all epochs
         */
        public Builder resize(ProgressiveResizing resizing, int epochs) {
            ImageShape whole = set.shape();
            shapes = epoch -> resizing.shapeAt(epoch, epochs, whole);
            largest = ProgressiveResizing.shape(Collections.max(resizing.sizes()), whole);
            return this;
        }

        /** Sets the number of loading threads. Default: half of the cores, at most 8. */
        public Builder workers(int count) {
            checkArgument(count > 0, "the number of workers must be positive, got %s", count);
            workers = count;
            return this;
        }

        /**
         * Sets the number of finished batches that may wait, in addition to one in progress per
         * worker. Default: 2.
         */
        public Builder prefetch(int count) {
            checkArgument(count > 0, "prefetch must be positive, got %s", count);
            prefetch = count;
            return this;
        }

        /**
         * Opens the loader and starts its threads.
         *
         * @return the loader, to be closed by the caller
         * @throws IllegalArgumentException if the set has less than one batch, or a batch more than
         *     2^31 - 1 values
         */
        public BatchLoader open() {
            checkArgument(
                    !dropLast || set.size() >= batchSize,
                    "%s images do not fill one batch of %s; use a smaller batch size",
                    set.size(),
                    batchSize);
            checkArgument(
                    (long) Math.min(batchSize, set.size()) * largest.length() <= Integer.MAX_VALUE,
                    "a batch must have at most 2^31 - 1 values, but %s images of %s have more; use"
                            + " a smaller batch size",
                    batchSize,
                    largest);
            return new BatchLoader(this);
        }
    }
}

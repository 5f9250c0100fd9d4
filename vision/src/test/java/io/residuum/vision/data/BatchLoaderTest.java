package io.residuum.vision.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.data.DataException;
import io.residuum.data.Prefetcher;
import io.residuum.spec.SpecException;
import io.residuum.vision.augment.Augmentation;
import io.residuum.vision.augment.ColorJitter;
import io.residuum.vision.augment.CutMix;
import io.residuum.vision.augment.Cutout;
import io.residuum.vision.augment.HorizontalFlip;
import io.residuum.vision.augment.Mixup;
import io.residuum.vision.augment.ProgressiveResizing;
import io.residuum.vision.augment.RandomCrop;
import io.residuum.vision.augment.RandomErasing;
import io.residuum.vision.augment.RandomResizedCrop;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import io.residuum.vision.image.Normalize;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;

@Timeout(60)
class BatchLoaderTest {
    private static final ImageShape SHAPE = new ImageShape(3, 32, 32);
    private static final List<Augmentation> CIFAR =
            List.of(new RandomCrop(4), new HorizontalFlip(0.5));
    private static final Optional<Normalize> NORMALIZE =
            Optional.of(new Normalize(List.of(0.49, 0.48, 0.45), List.of(0.25, 0.24, 0.26)));

    private final ImageSet set = TestImages.random(SHAPE, 103, 10, 1);

    private record Copy(int[] indices, int[] labels, float[] images, float[] targets) {}

    @Test
    void givesEveryImageOnceInOrder() {
        try (BatchLoader loader = BatchLoader.over(set).batchSize(10).open()) {
            List<Copy> batches = drain(loader.epoch(0));
            assertEquals(11, loader.batches());
            assertEquals(11, batches.size());
            assertEquals(3, batches.get(10).labels().length);
            int[] order = batches.stream().flatMapToInt(b -> Arrays.stream(b.indices())).toArray();
            assertArrayEquals(IntStream.range(0, 103).toArray(), order);
            Image image = new Image();
            set.read(57, image);
            float[] batch = batches.get(5).images();
            float[] read = Arrays.copyOfRange(batch, 7 * SHAPE.length(), 8 * SHAPE.length());
            assertArrayEquals(TestImages.values(image), read);
            assertEquals(7, batches.get(5).labels()[7]);
        }
    }

    @Test
    void anyNumberOfWorkersGivesTheSameBatches() {
        List<Copy> one = epoch(1, 7, 3);
        for (int workers : new int[] {2, 5}) {
            List<Copy> many = epoch(workers, 7, 3);
            assertEquals(one.size(), many.size());
            for (int i = 0; i < one.size(); i++) {
                assertArrayEquals(one.get(i).indices(), many.get(i).indices());
                assertArrayEquals(one.get(i).images(), many.get(i).images());
                assertArrayEquals(one.get(i).targets(), many.get(i).targets());
            }
        }
    }

    @Test
    void seedAndEpochChangeOrderAndAugmentation() {
        float[] base = epoch(1, 7, 3).get(0).images();
        assertFalse(Arrays.equals(base, epoch(1, 8, 3).get(0).images()));
        assertFalse(Arrays.equals(base, epoch(1, 7, 4).get(0).images()));
    }

    @Test
    void shuffledEpochsHoldEveryImageOnce() {
        try (BatchLoader loader =
                BatchLoader.over(set).batchSize(10).shuffle(true).seed(5).open()) {
            int[] order =
                    drain(loader.epoch(2)).stream()
                            .flatMapToInt(b -> Arrays.stream(b.indices()))
                            .toArray();
            assertFalse(Arrays.equals(IntStream.range(0, 103).toArray(), order));
            assertArrayEquals(
                    IntStream.range(0, 103).toArray(), Arrays.stream(order).sorted().toArray());
        }
    }

    @Test
    void dropLastDropsTheSmallBatch() {
        try (BatchLoader loader = BatchLoader.over(set).batchSize(10).dropLast(true).open()) {
            assertEquals(10, loader.batches());
            assertTrue(drain(loader.epoch(0)).stream().allMatch(b -> b.labels().length == 10));
        }
        BatchLoader.Builder tooLarge = BatchLoader.over(set).batchSize(104).dropLast(true);
        assertThrows(IllegalArgumentException.class, tooLarge::open);
    }

    @Test
    void targetsAreSoftOnlyWhenAsked() {
        try (BatchLoader loader = BatchLoader.over(set).batchSize(4).open();
                Prefetcher.Batches<Batch> epoch = loader.epoch(0);
                Batch batch = epoch.next()) {
            assertNull(batch.probabilities());
        }
        try (BatchLoader loader =
                        BatchLoader.over(set).batchSize(4).mix(List.of(new Mixup(1))).open();
                Prefetcher.Batches<Batch> epoch = loader.epoch(0);
                Batch batch = epoch.next()) {
            float[] targets = Objects.requireNonNull(batch.probabilities());
            assertEquals(40, targets.length);
            for (int i = 0; i < 4; i++) {
                float[] row = Arrays.copyOfRange(targets, 10 * i, 10 * i + 10);
                assertTrue(row[batch.labels()[i]] > 0, Arrays.toString(row));
                float sum = 0;
                for (float share : row) {
                    sum += share;
                }
                assertEquals(1, sum, 1e-6f);
            }
        }
    }

    @Test
    void eachBatchDrawsOneOfTheMixings() {
        byte[] pixels = new byte[100 * 64];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) (i / 64);
        }
        ImageSet plain =
                new ByteImages(new ImageShape(1, 8, 8), List.of("a"), pixels, new byte[100]);
        int flat = 0;
        int patched = 0;
        try (BatchLoader loader =
                BatchLoader.over(plain)
                        .batchSize(2)
                        .mix(List.of(new Mixup(1), new CutMix(1)))
                        .open()) {
            for (Copy batch : drain(loader.epoch(0))) {
                float[] image = Arrays.copyOf(batch.images(), 64);
                boolean uniform = true;
                for (float value : image) {
                    uniform &= value == image[0];
                }
                flat += uniform ? 1 : 0;
                patched += uniform ? 0 : 1;
            }
        }
        // mixup blends whole images, cutmix pastes patches
        assertTrue(flat > 10 && patched > 10, flat + " flat, " + patched + " patched");
    }

    @Test
    void randomResizedCropsReadTheOriginal() {
        ImageSet large = TestImages.random(new ImageShape(3, 64, 64), 8, 2, 3);
        AtomicInteger originals = new AtomicInteger();
        ImageSet watched =
                new Watched(large.adaptedTo(SHAPE)) {
                    @Override
                    public void readOriginal(int index, Image into) {
                        originals.incrementAndGet();
                        super.readOriginal(index, into);
                        assertEquals(64, into.shape().height());
                    }
                };
        try (BatchLoader loader =
                BatchLoader.over(watched)
                        .batchSize(4)
                        .augment(List.of(new RandomResizedCrop(0.1, 1, 1, 1)))
                        .open()) {
            assertEquals(2, drain(loader.epoch(0)).size());
        }
        assertEquals(8, originals.get());
    }

    @Test
    void anErrorReachesTheConsumerWithItsCause() {
        DataException broken = new DataException("x.png is broken");
        ImageSet failing =
                new Watched(set) {
                    @Override
                    public void read(int index, Image into) {
                        if (index == 25) {
                            throw broken;
                        }
                        super.read(index, into);
                    }
                };
        try (BatchLoader loader = BatchLoader.over(failing).batchSize(10).workers(2).open();
                Prefetcher.Batches<Batch> epoch = loader.epoch(4)) {
            epoch.next();
            epoch.next();
            DataException e = assertThrows(DataException.class, epoch::next);
            assertSame(broken, e.getCause());
            assertEquals("batch 2 of epoch 4 could not be loaded: x.png is broken", e.getMessage());
            assertFalse(epoch.hasNext());
            // the loader itself is still good
            assertEquals(2, loader.epoch(0).next().indices()[2]);
        }
    }

    @Test
    void loadsAheadButNotTooFar() throws InterruptedException {
        AtomicInteger reads = new AtomicInteger();
        ImageSet counted =
                new Watched(set) {
                    @Override
                    public void read(int index, Image into) {
                        reads.incrementAndGet();
                        super.read(index, into);
                    }
                };
        try (BatchLoader loader =
                        BatchLoader.over(counted).batchSize(10).workers(1).prefetch(3).open();
                Prefetcher.Batches<Batch> epoch = loader.epoch(0)) {
            await(() -> reads.get() == 40);
            Thread.sleep(50);
            assertEquals(40, reads.get());
            epoch.next();
            await(() -> reads.get() == 50);
        }
    }

    @Test
    void closingStopsTheThreads() throws InterruptedException {
        Set<Thread> before = loaderThreads();
        BatchLoader loader = BatchLoader.over(set).batchSize(10).workers(3).open();
        Prefetcher.Batches<Batch> epoch = loader.epoch(0);
        epoch.next();
        assertTrue(loaderThreads().size() > before.size());
        assertTrue(loaderThreads().stream().allMatch(Thread::isDaemon));
        loader.close();
        await(() -> before.containsAll(loaderThreads()));
        assertThrows(IllegalStateException.class, epoch::next);
        assertThrows(IllegalStateException.class, () -> loader.epoch(1));
        loader.close();
    }

    @Test
    void closingEndsAConsumerThatWaits() throws InterruptedException {
        CountDownLatch reading = new CountDownLatch(1);
        ImageSet stuck =
                new Watched(set) {
                    @Override
                    public void read(int index, Image into) {
                        reading.countDown();
                        try {
                            Thread.sleep(60_000);
                        } catch (InterruptedException e) {
                            throw new DataException("interrupted", e);
                        }
                    }
                };
        BatchLoader loader = BatchLoader.over(stuck).batchSize(10).workers(1).open();
        Prefetcher.Batches<Batch> epoch = loader.epoch(0);
        List<Throwable> seen = new ArrayList<>();
        Thread consumer =
                new Thread(() -> seen.add(assertThrows(RuntimeException.class, epoch::next)));
        consumer.start();
        reading.await();
        loader.close();
        consumer.join(10_000);
        assertEquals(1, seen.size());
    }

    @Test
    void closedBatchesGiveTheirBuffersBack() {
        try (BatchLoader loader =
                        BatchLoader.over(set).batchSize(10).workers(1).prefetch(1).open();
                Prefetcher.Batches<Batch> epoch = loader.epoch(0)) {
            Batch kept = epoch.next();
            float[] first = kept.images();
            float[] content = first.clone();
            for (int i = 1; i < 5; i++) {
                // nobody else may write into a batch that is still open
                assertNotSame(first, epoch.next().images());
            }
            assertArrayEquals(content, first);
            kept.close();
            kept.close();
            assertThrows(IllegalStateException.class, kept::images);
            List<float[]> later = new ArrayList<>();
            while (epoch.hasNext()) {
                later.add(epoch.next().images());
            }
            assertEquals(1, later.stream().filter(b -> b == first).count());
        }
    }

    @Test
    void measuresTheWait() {
        ImageSet slow =
                new Watched(set) {
                    @Override
                    public void read(int index, Image into) {
                        try {
                            Thread.sleep(3);
                        } catch (InterruptedException e) {
                            throw new DataException("interrupted", e);
                        }
                        super.read(index, into);
                    }
                };
        try (BatchLoader loader = BatchLoader.over(slow).batchSize(10).open();
                Prefetcher.Batches<Batch> epoch = loader.epoch(0)) {
            epoch.next();
            assertTrue(epoch.waited().compareTo(Duration.ofMillis(20)) > 0);
        }
    }

    @Test
    void aWrongAugmentationIsRefusedWhenBuilding() {
        BatchLoader.Builder builder = BatchLoader.over(set);
        Optional<Normalize> gray = Optional.of(new Normalize(List.of(0.0), List.of(1.0)));
        assertRefused("one mean for each of the 3 channels", () -> builder.normalize(gray));
        Augmentation resized = new RandomResizedCrop(0.1, 1, 1, 1);
        List<Augmentation> late = List.of(new ColorJitter(1, 0, 0, 0), resized);
        assertWrong("RandomResizedCrop must come first", () -> builder.augment(late));
        Augmentation erasing = new RandomErasing(1, 0.1, 0.2, 0.3, RandomErasing.Mode.PIXEL, 1);
        List<Augmentation> early = List.of(erasing, new RandomCrop(1));
        assertWrong("must come last", () -> builder.augment(early));
        // Before the normalization, 0 is black and not the mean.
        List<Augmentation> black = List.of(new Cutout(2), new RandomCrop(1));
        assertWrong("must come last", () -> builder.augment(black));
    }

    @Test
    void repeatsHaveTheSameImagesWithOtherAugmentation() {
        try (BatchLoader loader =
                BatchLoader.over(set)
                        .batchSize(6)
                        .shuffle(true)
                        .seed(3)
                        .repeats(3)
                        .augment(List.of(new ColorJitter(1, 0, 0, 0)))
                        .open()) {
            List<Copy> batches = drain(loader.epoch(0));
            assertEquals((set.size() + 5) / 6, batches.size(), "as many samples as without");
            Copy first = batches.get(0);
            int[] indices = first.indices();
            for (int i = 0; i < 6; i++) {
                assertEquals(indices[i / 3 * 3], indices[i]);
            }
            assertNotEquals(indices[0], indices[3]);
            float[] images = first.images();
            int length = SHAPE.length();
            assertFalse(
                    Arrays.equals(images, 0, length, images, length, 2 * length),
                    "copies are augmented differently");
            assertFalse(Arrays.equals(images, 0, length, images, 2 * length, 3 * length));
        }
    }

    @Test
    void shapesFollowTheEpoch() {
        ProgressiveResizing resizing = new ProgressiveResizing(List.of(8, 16));
        ImageShape whole = new ImageShape(3, 16, 32);
        ImageSet images = TestImages.random(whole, 4, 2, 1);
        try (BatchLoader loader =
                BatchLoader.over(images)
                        .batchSize(4)
                        .resize(resizing, 5)
                        .augment(List.of(new RandomCrop(1)))
                        .mix(List.of(new Mixup(1)))
                        .open()) {
            List<ImageShape> shapes = new ArrayList<>();
            for (int number = 1; number <= 5; number++) {
                try (Prefetcher.Batches<Batch> epoch = loader.epoch(number);
                        Batch batch = epoch.next()) {
                    shapes.add(batch.shape());
                    assertEquals(4 * batch.shape().length(), batch.images().length);
                }
            }
            ImageShape half = new ImageShape(3, 8, 16);
            assertEquals(List.of(half, half, half, whole, whole), shapes);
        }
    }

    @Test
    void theLargestSizeMustFitIntoABatch() {
        BatchLoader.Builder builder =
                BatchLoader.over(set)
                        .batchSize(4)
                        .resize(new ProgressiveResizing(List.of(20, 20_000)), 2);
        assertRefused("4 images of 3x20000x20000 have more; use a smaller", builder::open);
        assertRefused("at most 2^31 - 1 values", () -> new ImageShape(3, 2147483647, 2147483647));
    }

    /** A user writes the augmentation in a recipe: the command line prints a sentence. */
    private static void assertWrong(String part, Executable action) {
        String message = assertThrows(SpecException.class, action).getMessage();
        assertTrue(message.contains(part), message);
    }

    private static void assertRefused(String part, Executable action) {
        String message = assertThrows(IllegalArgumentException.class, action).getMessage();
        assertTrue(message.contains(part), message);
    }

    @Test
    void normalizationComesBeforeCutoutsAtTheEnd() {
        Image normalized = new Image();
        set.read(0, normalized);
        NORMALIZE.orElseThrow().apply(normalized);
        int cut = 0;
        try (BatchLoader loader =
                BatchLoader.over(set)
                        .batchSize(1)
                        .augment(List.of(new RandomCrop(0), new Cutout(20)))
                        .normalize(NORMALIZE)
                        .open()) {
            float[] values = drain(loader.epoch(0)).get(0).images();
            for (int i = 0; i < values.length; i++) {
                boolean zero = values[i] == 0;
                cut += zero ? 1 : 0;
                assertEquals(zero ? 0 : normalized.values()[i], values[i]);
            }
        }
        assertTrue(cut >= 3 * 100 && cut <= 3 * 400, cut + " values cut out");
    }

    @Test
    void reportsThroughput() {
        ImageSet cifar = TestImages.random(SHAPE, 10_240, 10, 1);
        try (BatchLoader loader =
                BatchLoader.over(cifar)
                        .batchSize(128)
                        .shuffle(true)
                        .augment(CIFAR)
                        .normalize(NORMALIZE)
                        .workers(1)
                        .open()) {
            for (int e = 0; e < 4; e++) {
                long start = System.nanoTime();
                int images = 0;
                try (Prefetcher.Batches<Batch> epoch = loader.epoch(e)) {
                    while (epoch.hasNext()) {
                        try (Batch batch = epoch.next()) {
                            images += batch.samples();
                        }
                    }
                }
                assertEquals(10_240, images);
                System.out.printf(
                        "loader, one worker, crop + flip + normalize at 32x32: %,.0f images/s%n",
                        images / ((System.nanoTime() - start) / 1e9));
            }
        }
    }

    private List<Copy> epoch(int workers, long seed, long number) {
        List<Augmentation> list = new ArrayList<>(CIFAR);
        list.add(1, new ColorJitter(0.2, 0.2, 0.2, 0.1));
        list.add(new Cutout(8));
        try (BatchLoader loader =
                BatchLoader.over(set)
                        .batchSize(10)
                        .shuffle(true)
                        .seed(seed)
                        .augment(list)
                        .normalize(NORMALIZE)
                        .mix(List.of(new Mixup(1), new CutMix(1)))
                        .workers(workers)
                        .open()) {
            return drain(loader.epoch(number));
        }
    }

    private static List<Copy> drain(Prefetcher.Batches<Batch> epoch) {
        List<Copy> copies = new ArrayList<>();
        try (epoch) {
            while (epoch.hasNext()) {
                try (Batch batch = epoch.next()) {
                    float[] targets = batch.probabilities();
                    copies.add(
                            new Copy(
                                    batch.indices(),
                                    batch.labels(),
                                    batch.images().clone(),
                                    targets == null ? new float[0] : targets));
                }
            }
        }
        return copies;
    }

    private static Set<Thread> loaderThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(t -> t.getName().startsWith("batch-loader-"))
                .collect(Collectors.toSet());
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        for (int i = 0; i < 1000 && !condition.getAsBoolean(); i++) {
            Thread.sleep(5);
        }
        assertTrue(condition.getAsBoolean());
    }

    /** A set whose reads a test can watch or break. */
    private static class Watched implements ImageSet {
        private final ImageSet base;

        Watched(ImageSet base) {
            this.base = base;
        }

        @Override
        public int size() {
            return base.size();
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
            return base.label(index);
        }

        @Override
        public void read(int index, Image into) {
            base.read(index, into);
        }

        @Override
        public void readOriginal(int index, Image into) {
            base.readOriginal(index, into);
        }
    }
}

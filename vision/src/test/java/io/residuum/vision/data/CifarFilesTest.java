package io.residuum.vision.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.data.DataException;
import io.residuum.train.Recipe;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import io.residuum.vision.image.Normalize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CifarFilesTest {
    private static final ImageShape SHAPE = new ImageShape(3, 32, 32);

    private static final LoadOptions ALL = LoadOptions.of(Recipe.builder().validation(0).build());

    @TempDir Path folder;

    @Test
    void readsRecordsInOrderOfFiles() throws IOException {
        Path a = write("a.bin", 3073, 0, 1);
        Path b = write("b.bin", 3073, 9);
        ImageSet set = DataSource.parse("cifar10:" + a + "," + b).forEvaluation(SHAPE);
        assertEquals(3, set.size());
        assertEquals(9, set.label(2));
        Image image = new Image();
        set.read(1, image);
        for (int i = 0; i < SHAPE.length(); i++) {
            assertEquals(pixel(1, i) / 255f, image.values()[i]);
        }
    }

    @Test
    void readsTheFineLabelOfCifar100() throws IOException {
        Path file = write("x.bin", 3074, 99, 3);
        ImageSet set = DataSource.parse("cifar100:" + file).forEvaluation(SHAPE);
        assertEquals(100, set.classNames().size());
        assertEquals(99, set.label(0));
        assertEquals("bear", set.classNames().get(set.label(1)));
    }

    @Test
    void findsStandardFilesOneLevelDown() throws IOException {
        Path inner = Files.createDirectory(folder.resolve("cifar-10-batches-bin"));
        for (int i = 1; i <= 5; i++) {
            Files.move(write("t.bin", 3073, i), inner.resolve("data_batch_" + i + ".bin"));
        }
        Files.move(write("t.bin", 3073, 8, 8), inner.resolve("test_batch.bin"));
        DataSplits splits = DataSource.parse("cifar10:" + folder).forTraining(SHAPE, ALL);
        assertEquals(5, splits.train().size());
        assertEquals(5, splits.train().label(4));
        assertEquals(2, splits.test().orElseThrow().size());
        assertEquals(2, DataSource.parse("cifar10:" + folder).forEvaluation(SHAPE).size());
    }

    @Test
    void refusesAFolderThatLacksTrainingFiles() throws IOException {
        Path one = write("data_batch_1.bin", 3073, 0, 1);
        write("data_batch_3.bin", 3073, 0, 1);
        DataSource source = DataSource.parse("cifar10:" + folder);
        String message =
                assertThrows(DataException.class, () -> source.forTraining(SHAPE)).getMessage();
        assertTrue(
                message.contains(
                        "lacks [data_batch_2.bin, data_batch_4.bin, data_batch_5.bin]; to train"
                                + " on"),
                message);
        assertEquals(2, DataSource.parse("cifar10:" + one).forTraining(SHAPE, ALL).train().size());
    }

    @Test
    void takesFilesOfEachPart() throws IOException {
        Path a = write("a.bin", 3073, 0, 1);
        Path b = write("b.bin", 3073, 2);
        Path c = write("c.bin", 3073, 3);
        Path d = write("d.bin", 3073, 4);
        DataSplits splits =
                DataSource.parse("cifar10:train=" + a + "," + b + ",val=" + d + ",test=" + c)
                        .forTraining(SHAPE);
        assertEquals(3, splits.train().size());
        assertEquals(4, splits.validation().orElseThrow().label(0));
        assertEquals(3, splits.test().orElseThrow().label(0));
        assertTrue(splits.heldOut().isEmpty());
        DataSource onlyTrain = DataSource.parse("cifar10:train=" + a);
        assertThrows(DataException.class, () -> onlyTrain.forEvaluation(SHAPE));
    }

    @Test
    void holdsOutATenthOfEachClassAndSaysSo() throws IOException {
        Path file = write("a.bin", 3073, IntStream.range(0, 100).map(i -> i % 5).toArray());
        DataSource source = DataSource.parse("cifar10:" + file);
        DataSplits splits = source.forTraining(SHAPE);
        assertEquals(90, splits.train().size());
        assertTrue(splits.test().isEmpty());
        ImageSet held = splits.validation().orElseThrow();
        assertEquals(10, held.size());
        for (int label = 0; label < 5; label++) {
            int wanted = label;
            assertEquals(2, IntStream.range(0, 10).filter(i -> held.label(i) == wanted).count());
        }
        String description = splits.description();
        assertTrue(description.endsWith(": 90 training images, 10 for validation"), description);
    }

    @Test
    void namesFileAndRecordOfABadLabel() throws IOException {
        Path a = write("a.bin", 3073, 0);
        Path b = write("b.bin", 3073, 1, 2, 200);
        DataSource source = DataSource.parse("cifar10:" + a + "," + b);
        String message =
                assertThrows(DataException.class, () -> source.forTraining(SHAPE)).getMessage();
        assertTrue(message.contains("b.bin"), message);
        assertTrue(message.contains("record 2 has label 200"), message);
    }

    @Test
    void refusesAFileThatIsNoWholeNumberOfRecords() throws IOException {
        Path file = Files.write(folder.resolve("a.bin"), new byte[3073 * 2 + 1]);
        DataSource source = DataSource.parse("cifar10:" + file);
        String message =
                assertThrows(DataException.class, () -> source.forEvaluation(SHAPE)).getMessage();
        assertTrue(message.contains("3073-byte records, got 6147 bytes"), message);
    }

    @Test
    void namesTheFilesThatAreMissing() {
        DataSource source = DataSource.parse("cifar10:" + folder);
        String message =
                assertThrows(DataException.class, () -> source.forTraining(SHAPE)).getMessage();
        assertTrue(message.contains("data_batch_3.bin"), message);
    }

    @Test
    void readsRealCifar10() {
        Path train = RealData.require("cifar10/train_8068.bin");
        Path test = RealData.require("cifar10/test_first1017.bin");
        ImageSet first = DataSource.parse("cifar10:" + test).forEvaluation(SHAPE);
        assertEquals(1017, first.size());
        // the test set begins with cat, ship, ship, airplane, frog
        int[] labels = {3, 8, 8, 0, 6};
        for (int i = 0; i < labels.length; i++) {
            assertEquals(labels[i], first.label(i));
        }
        DataSplits splits =
                DataSource.parse("cifar10:train=" + train + ",test=" + test)
                        .forTraining(SHAPE, ALL);
        assertEquals(8068, splits.train().size());
        Normalize measured = splits.measuredNormalization();
        double[] mean = {0.4914, 0.4822, 0.4465};
        double[] std = {0.2470, 0.2435, 0.2616};
        for (int c = 0; c < 3; c++) {
            assertEquals(mean[c], measured.mean().get(c), 0.02);
            assertEquals(std[c], measured.std().get(c), 0.02);
        }
    }

    private static int pixel(int record, int i) {
        return (record * 31 + i * 7) & 0xFF;
    }

    private Path write(String name, int record, int... labels) throws IOException {
        byte[] bytes = new byte[record * labels.length];
        for (int r = 0; r < labels.length; r++) {
            int image = (r + 1) * record - SHAPE.length();
            bytes[image - 1] = (byte) labels[r];
            for (int i = 0; i < SHAPE.length(); i++) {
                bytes[image + i] = (byte) pixel(r, i);
            }
        }
        return Files.write(folder.resolve(name), bytes);
    }
}

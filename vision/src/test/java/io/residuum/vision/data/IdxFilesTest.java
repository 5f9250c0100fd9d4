package io.residuum.vision.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.data.DataException;
import io.residuum.train.Recipe;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import io.residuum.vision.image.Normalize;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdxFilesTest {
    private static final ImageShape MNIST = new ImageShape(1, 28, 28);

    @TempDir Path folder;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void readsWhatWasWritten(boolean gzip) throws IOException {
        byte[] pixels = {0, 51, 102, (byte) 153, (byte) 204, (byte) 255, 1, 2, 3, 4, 5, 6};
        write("t10k-images-idx3-ubyte", TestImages.idx(pixels, 2, 2, 3), gzip);
        write("t10k-labels-idx1-ubyte", TestImages.idx(new byte[] {7, 0}, 2), gzip);

        ImageSet set = DataSource.parse("mnist:" + folder).forEvaluation(new ImageShape(1, 2, 3));

        assertEquals(2, set.size());
        assertEquals(7, set.label(0));
        assertEquals(0, set.label(1));
        Image image = new Image();
        set.read(0, image);
        float[] expected = {0f, 51 / 255f, 102 / 255f, 153 / 255f, 204 / 255f, 1f};
        assertArrayEquals(expected, TestImages.values(image));
    }

    @Test
    void refusesLabelsOutOfRange() throws IOException {
        write("t10k-images-idx3-ubyte", TestImages.idx(new byte[8], 2, 2, 2), false);
        write("t10k-labels-idx1-ubyte", TestImages.idx(new byte[] {3, 10}, 2), false);
        String message = messageOfEvaluation();
        assertTrue(message.contains("t10k-labels-idx1-ubyte"), message);
        assertTrue(message.contains("record 1 has label 10"), message);
    }

    @Test
    void refusesImagesWithoutLabels() throws IOException {
        write("train-images-idx3-ubyte", TestImages.idx(new byte[80], 20, 2, 2), false);
        write("train-labels-idx1-ubyte", TestImages.idx(new byte[20], 20), true);
        write("t10k-images-idx3-ubyte", TestImages.idx(new byte[8], 2, 2, 2), false);
        DataSource source = DataSource.parse("mnist:" + folder);
        ImageShape shape = new ImageShape(1, 2, 2);
        String message =
                assertThrows(DataException.class, () -> source.forTraining(shape)).getMessage();
        assertTrue(
                message.contains("t10k-images-idx3-ubyte must have t10k-labels-idx1-ubyte"),
                message);
        Files.delete(folder.resolve("t10k-images-idx3-ubyte"));
        assertTrue(source.forTraining(shape).test().isEmpty());
    }

    @Test
    void refusesCountsThatDiffer() throws IOException {
        write("t10k-images-idx3-ubyte", TestImages.idx(new byte[8], 2, 2, 2), false);
        write("t10k-labels-idx1-ubyte", TestImages.idx(new byte[3], 3), false);
        String message = messageOfEvaluation();
        assertTrue(message.contains("2 images") && message.contains("3 labels"), message);
    }

    @Test
    void refusesTruncatedLongAndLyingFiles() throws IOException {
        write("t10k-labels-idx1-ubyte", TestImages.idx(new byte[2], 2), false);
        byte[] good = TestImages.idx(new byte[8], 2, 2, 2);

        write("t10k-images-idx3-ubyte", Arrays.copyOf(good, good.length - 1), false);
        assertTrue(messageOfEvaluation().contains("announces 8 bytes"));
        write("t10k-images-idx3-ubyte", Arrays.copyOf(good, good.length + 1), false);
        assertTrue(messageOfEvaluation().contains("the file has more"));
        write("t10k-images-idx3-ubyte", Arrays.copyOf(good, 9), false);
        assertTrue(messageOfEvaluation().contains("truncated"));
        write("t10k-images-idx3-ubyte", TestImages.idx(new byte[8], 1 << 16, 1 << 15, 1), false);
        assertTrue(messageOfEvaluation().contains("below 2^31"));
        // nearly 2 GiB announced, 8 bytes there: must fail without reserving them
        write("t10k-images-idx3-ubyte", TestImages.idx(new byte[8], 1 << 16, 1 << 14, 1), true);
        assertTrue(messageOfEvaluation().contains("has 8"));
        write("t10k-images-idx3-ubyte", TestImages.idx(new byte[8], 8), false);
        assertTrue(messageOfEvaluation().contains("00000803"));
    }

    @Test
    void namesTheFilesThatAreMissing() {
        String message = messageOfEvaluation();
        assertTrue(message.contains("t10k-images-idx3-ubyte"), message);
    }

    @Test
    void readsRealMnist() {
        Path mnist = RealData.require("mnist");
        LoadOptions all = LoadOptions.of(Recipe.builder().validation(0).build());
        DataSplits splits = DataSource.parse("mnist:" + mnist).forTraining(MNIST, all);
        assertEquals(60_000, splits.train().size());
        assertEquals(10_000, splits.test().orElseThrow().size());
        assertEquals(MNIST, splits.train().shape());
        // the first labels of both files are well known
        int[] first = {5, 0, 4, 1, 9, 2, 1, 3, 1, 4};
        for (int i = 0; i < first.length; i++) {
            assertEquals(first[i], splits.train().label(i));
        }
        assertEquals(7, splits.evaluation().label(0));
        Normalize measured = splits.train().measuredNormalization(60_000);
        assertEquals(0.1307, measured.mean().get(0), 5e-5);
        assertEquals(0.3081, measured.std().get(0), 5e-5);
    }

    @Test
    void padsMnistToThirtyTwo() {
        Path mnist = RealData.require("mnist");
        DataSource source = DataSource.parse("mnist:" + mnist);
        Image small = new Image();
        Image large = new Image();
        source.forEvaluation(MNIST).read(0, small);
        source.forEvaluation(new ImageShape(3, 32, 32)).read(0, large);
        small.crop(-2, -2, 32, 32);
        float[] gray = TestImages.values(small);
        float[] color = TestImages.values(large);
        for (int c = 0; c < 3; c++) {
            assertArrayEquals(gray, Arrays.copyOfRange(color, c * 1024, (c + 1) * 1024));
        }
    }

    private String messageOfEvaluation() {
        DataSource source = DataSource.parse("mnist:" + folder);
        return String.valueOf(
                assertThrows(DataException.class, () -> source.forEvaluation(MNIST)).getMessage());
    }

    private void write(String name, byte[] bytes, boolean gzip) throws IOException {
        Files.deleteIfExists(folder.resolve(name));
        Files.deleteIfExists(folder.resolve(name + ".gz"));
        if (!gzip) {
            Files.write(folder.resolve(name), bytes);
            return;
        }
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(zipped)) {
            out.write(bytes);
        }
        Files.write(folder.resolve(name + ".gz"), zipped.toByteArray());
    }
}

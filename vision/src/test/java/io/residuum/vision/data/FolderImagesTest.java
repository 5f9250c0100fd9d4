package io.residuum.vision.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.data.DataException;
import io.residuum.spec.ImageResize;
import io.residuum.spec.ImageResize.Filter;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import io.residuum.vision.image.PictureReader;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferUShort;
import java.awt.image.PixelInterleavedSampleModel;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FolderImagesTest {
    private static final ImageShape SHAPE = new ImageShape(3, 8, 8);

    @TempDir Path folder;

    @Test
    void readsClassesInOrderOfNames() throws IOException {
        write("dog/b.PNG", solid(8, 8, 0x204060));
        write("dog/a.jpeg", solid(8, 8, 0x808080));
        write("cat/deep/x.jpg", solid(8, 8, 0xffffff));
        Files.writeString(folder.resolve("dog/notes.txt"), "not a picture");
        ImageSet set = DataSource.parse("folder:" + folder).forEvaluation(SHAPE);
        assertEquals(List.of("cat", "dog"), set.classNames());
        assertEquals(3, set.size());
        assertEquals(0, set.label(0));
        assertEquals(1, set.label(1));
        Image image = new Image();
        set.read(2, image);
        assertEquals(SHAPE, image.shape());
        assertEquals(0x20 / 255f, image.values()[0]);
        assertEquals(0x40 / 255f, image.values()[64]);
        assertEquals(0x60 / 255f, image.values()[128]);
    }

    @Test
    void aFolderWithoutAPartIsNamed() throws IOException {
        Path val = Files.createDirectories(folder.resolve("val/cat")).getParent();
        DataSource source = DataSource.parse("folder:val=" + val);
        DataException e = assertThrows(DataException.class, () -> source.forTraining(SHAPE));
        assertTrue(
                String.valueOf(e.getMessage()).startsWith(val + ": no pictures to train on; give"),
                e.getMessage());
    }

    @Test
    void grayValuesAreTakenAsStored() throws IOException {
        BufferedImage gray = new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_GRAY);
        gray.getRaster().setDataElements(0, 0, 2, 1, new byte[] {100, (byte) 200});
        Image image = read(write("a/gray.png", gray));
        assertEquals(new ImageShape(1, 1, 2), image.shape());
        assertArrayEquals(new float[] {100 / 255f, 200 / 255f}, TestImages.values(image));

        BufferedImage deep = new BufferedImage(2, 1, BufferedImage.TYPE_USHORT_GRAY);
        deep.getRaster().setDataElements(0, 0, 2, 1, new short[] {1000, (short) 65535});
        assertArrayEquals(
                new float[] {1000 / 65535f, 1f},
                TestImages.values(read(write("a/deep.png", deep))));
    }

    @Test
    void readsSixteenBitColor() throws IOException {
        short[] samples = {(short) 65535, 1000, 0};
        PixelInterleavedSampleModel layout =
                new PixelInterleavedSampleModel(
                        DataBuffer.TYPE_USHORT, 1, 1, 3, 3, new int[] {0, 1, 2});
        WritableRaster raster =
                Raster.createWritableRaster(layout, new DataBufferUShort(samples, 3), null);
        ComponentColorModel rgb =
                new ComponentColorModel(
                        ColorSpace.getInstance(ColorSpace.CS_sRGB),
                        false,
                        false,
                        ComponentColorModel.OPAQUE,
                        DataBuffer.TYPE_USHORT);
        Path file = write("a/deep.png", new BufferedImage(rgb, raster, false, null));
        assertArrayEquals(new float[] {1f, 1000 / 65535f, 0f}, TestImages.values(read(file)));
    }

    @Test
    void dropsAlphaAndExpandsPalettes() throws IOException {
        BufferedImage alpha = new BufferedImage(1, 1, BufferedImage.TYPE_INT_ARGB);
        alpha.setRGB(0, 0, 0x10336699);
        float[] expected = {0x33 / 255f, 0x66 / 255f, 0x99 / 255f};
        assertArrayEquals(expected, TestImages.values(read(write("a/alpha.png", alpha))));

        BufferedImage palette = new BufferedImage(1, 1, BufferedImage.TYPE_BYTE_INDEXED);
        palette.setRGB(0, 0, 0xff336699);
        assertArrayEquals(expected, TestImages.values(read(write("a/palette.png", palette))));
    }

    @Test
    void aBrokenPictureIsNamed() throws IOException {
        Path file = write("a/x.png", solid(20, 20, 0x123456));
        Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 40));
        ImageSet set = FolderImages.open(folder, List.of("a"), SHAPE, LoadOptions.DEFAULT);
        String message =
                assertThrows(DataException.class, () -> set.read(0, new Image())).getMessage();
        assertTrue(message.contains(file.toString()), message);

        Files.writeString(file, "hello");
        message = assertThrows(DataException.class, () -> set.read(0, new Image())).getMessage();
        assertTrue(message.contains("must be a JPEG, PNG"), message);
    }

    @Test
    void evaluationTakesTheMiddleAndTrainingTheWhole() throws IOException {
        // left third red, middle green, right blue
        BufferedImage wide = new BufferedImage(24, 8, BufferedImage.TYPE_INT_RGB);
        for (int x = 0; x < 24; x++) {
            for (int y = 0; y < 8; y++) {
                wide.setRGB(x, y, x < 8 ? 0xff0000 : x < 16 ? 0x00ff00 : 0x0000ff);
            }
        }
        write("a/wide.png", wide);
        ImageSet set = FolderImages.open(folder, List.of("a"), SHAPE, LoadOptions.DEFAULT);
        Image image = new Image();
        set.read(0, image);
        assertEquals(SHAPE, image.shape());
        for (int i = 0; i < 64; i++) {
            assertEquals(0f, image.values()[i]);
            assertEquals(1f, image.values()[64 + i]);
        }
        set.readOriginal(0, image);
        assertEquals(new ImageShape(3, 8, 24), image.shape());
    }

    @Test
    void sizePolicyNeverEnlargesForTheMargin() {
        Image exact = TestImages.randomImage(new ImageShape(1, 28, 40), 1);
        float[] before = TestImages.values(exact);
        exact.fit(28, 28);
        Image cropped = TestImages.image(new ImageShape(1, 28, 40), before);
        cropped.crop(0, 6, 28, 28);
        assertArrayEquals(TestImages.values(cropped), TestImages.values(exact));

        for (int size : new int[] {1, 5, 28, 31, 32, 33, 64, 300}) {
            Image other = TestImages.randomImage(new ImageShape(1, size, size + 3), size);
            other.fit(28, 28);
            assertEquals(new ImageShape(1, 28, 28), other.shape());
            for (float value : TestImages.values(other)) {
                assertTrue(value > 0, "no border was added at size " + size);
            }
        }
    }

    // Pillow's resize of floats, then torchvision's center_crop.
    @ParameterizedTest
    @CsvSource({
        "NEAREST, false, .8125 .5625 .0625 .8750 .6250 .3750 .9375 .6875 .4375 .1875 .7500 .5000"
                + " .8750 .6250 .1250 .9375",
        "LANCZOS, false, .4197 .6810 .4181 .4671 .5271 .4744 .5704 .4516 .3129 .5881 .5886 .4548"
                + " .4656 .4940 .4827 .5586",
        "BILINEAR, false, .4418 .6415 .4076 .4596 .5066 .4934 .5643 .4828 .3585 .5582 .5825 .4280"
                + " .4873 .4803 .4718 .5698",
        "BICUBIC, false, .4238 .6833 .3858 .4694 .5160 .4843 .5766 .4693 .3173 .5782 .6065 .4191"
                + " .4885 .4821 .4549 .5868",
        "BICUBIC, true, .4812 .5265 .4928 .4517 .4806 .6378 .5002 .4247 .3630 .5211 .5618 .4413"
                + " .4737 .5176 .5168 .5699"
    })
    void resizingIsThatOfPillow(Filter filter, boolean squash, String expected) {
        requireResized(4, 4, new ImageResize(0.6, filter, squash), expected);
    }

    /** ResizeKeepRatio and CenterCropOrPad of timm 1.0.29, with Pillow on float pixels. */
    @ParameterizedTest
    @CsvSource({
        "6, 6, 1, .3966 .6426 .4169 .4537 .4437 .2500 .4860 .4909 .5408 .4388 .6105 .2500 .4096"
                + " .5573 .5548 .4673 .4040 .2500 .4958 .3886 .5732 .4630 .4655 .2500 .4947 .4793"
                + " .5403 .5450 .4143 .2500 .5425 .4494 .4760 .5982 .4413 .2500",
        "4, 4, 0.6, .4860 .4909 .5408 .4388 .4096 .5573 .5548 .4673 .4958 .3886 .5732 .4630 .4947"
                + " .4793 .5403 .5450",
        "3, 8, 1, .2500 .2500 .2500 .5036 .4843 .2500 .2500 .2500 .2500 .2500 .2500 .4911 .4865"
                + " .2500 .2500 .2500 .2500 .2500 .2500 .4929 .5058 .2500 .2500 .2500"
    })
    void borderIsThatOfTimm(int height, int width, double crop, String expected) {
        List<Double> border = List.of(0.25);
        requireResized(
                height, width, new ImageResize(crop, Filter.BICUBIC, false, border), expected);
    }

    private static void requireResized(int height, int width, ImageResize how, String expected) {
        Image image = new Image();
        float[] values = image.reset(new ImageShape(1, 11, 9));
        for (int i = 0; i < 99; i++) {
            values[i] = (i / 9 * 7 + i % 9 * 13) % 17 / 16f;
        }
        image.fit(height, width, how);
        assertEquals(new ImageShape(1, height, width), image.shape());
        String[] all = expected.split(" ");
        for (int i = 0; i < all.length; i++) {
            assertEquals(Float.parseFloat(all[i]), image.values()[i], 1e-4f, "value " + i);
        }
    }

    @Test
    void smallPicturesAreDecodedOnceAndLargeOnesWhenRead() throws IOException {
        Path file = write("a/x.png", solid(80, 80, 0x336699));
        DataSource source = DataSource.parse("folder:" + folder);
        ImageSet small = source.forEvaluation(SHAPE);
        ImageSet large = source.forEvaluation(new ImageShape(3, 64, 64));
        Files.delete(file);
        Image image = new Image();
        small.read(0, image);
        assertEquals(0x99 / 255f, image.values()[2 * 64], 1e-6f);
        assertThrows(DataException.class, () -> large.read(0, image));
        Files.writeString(file, "broken");
        String message =
                assertThrows(DataException.class, () -> source.forEvaluation(SHAPE)).getMessage();
        assertTrue(message.contains("x.png"), message);
    }

    @Test
    void testClassesAreThoseOfTraining() throws IOException {
        for (String name : List.of("train/a", "train/b", "train/c", "val/c")) {
            write(name + "/x.png", solid(8, 8, 0));
        }
        DataSource source = DataSource.parse("folder:" + folder);
        DataSplits splits = source.forTraining(SHAPE);
        assertEquals(3, splits.train().size());
        assertEquals(2, splits.validation().orElseThrow().label(0));
        assertTrue(splits.test().isEmpty());
        assertEquals(2, source.forEvaluation(SHAPE).label(0));
        write("val/z/x.png", solid(8, 8, 0));
        String message =
                assertThrows(DataException.class, () -> source.forTraining(SHAPE)).getMessage();
        assertTrue(message.contains("z is not a class of the training set"), message);
    }

    @Test
    void aClassMayBeCalledTrain() throws IOException {
        write("train/x.png", solid(8, 8, 0));
        write("bus/x.png", solid(8, 8, 0));
        ImageSet set = DataSource.parse("folder:" + folder).forEvaluation(SHAPE);
        assertEquals(List.of("bus", "train"), set.classNames());
    }

    @Test
    void emptyFoldersAreErrors() throws IOException {
        DataSource source = DataSource.parse("folder:" + folder);
        assertThrows(DataException.class, () -> source.forTraining(SHAPE));
        Files.createDirectory(folder.resolve("a"));
        String message =
                assertThrows(DataException.class, () -> source.forEvaluation(SHAPE)).getMessage();
        assertTrue(message.contains("must hold JPEG, PNG"), message);
    }

    private static Image read(Path file) {
        Image image = new Image();
        PictureReader.DEFAULT.read(file, image);
        return image;
    }

    private Path write(String name, BufferedImage picture) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        String format = name.toLowerCase(Locale.ROOT).endsWith("png") ? "png" : "jpeg";
        assertTrue(ImageIO.write(picture, format, file.toFile()));
        return file;
    }

    private static BufferedImage solid(int width, int height, int rgb) {
        BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                picture.setRGB(x, y, rgb);
            }
        }
        return picture;
    }
}

package io.residuum.vision.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.data.DataException;
import io.residuum.vision.image.ImageShape;
import io.residuum.vision.image.PictureReader;
import io.residuum.vision.predict.PicturePaths;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests what folders of pictures leave out, and how they say it. */
class PictureFolderTest {
    private static final ImageShape SMALL = new ImageShape(3, 8, 8);
    private static final ImageShape LARGE = new ImageShape(3, 64, 64);

    @TempDir Path folder;

    private final List<String> leftOut = new ArrayList<>();
    private final List<Integer> checked = new ArrayList<>();

    private final LoadListener listener =
            new LoadListener() {
                @Override
                public void leftOut(LeftOut files) {
                    leftOut.add(files.files() + " " + files.details());
                }

                @Override
                public void checked(int done, int total) {
                    checked.add(done);
                }
            };

    private LoadOptions options(double validation, boolean skipDamaged) {
        return new LoadOptions(validation, skipDamaged, PictureReader.DEFAULT, listener);
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void linksAreFollowed() throws IOException {
        Path elsewhere = Files.createDirectories(folder.resolve("elsewhere/deep"));
        picture(elsewhere.resolve("a.png"));
        picture(elsewhere.resolve("b.png"));
        Path data = Files.createDirectory(folder.resolve("data"));
        picture(data.resolve("cat/own.png"));
        Files.createSymbolicLink(data.resolve("cat/linked"), elsewhere.getParent());
        Files.createSymbolicLink(data.resolve("dog"), elsewhere);
        Files.createSymbolicLink(data.resolve("cat/file.png"), elsewhere.resolve("a.png"));
        Files.createSymbolicLink(data.resolve("cat/gone.png"), folder.resolve("nowhere.png"));
        ImageSet set = evaluated(data);
        assertEquals(List.of("cat", "dog"), set.classNames());
        assertEquals(6, set.size());
        assertEquals(List.of("1 [1 broken link]"), leftOut);
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aLoopOfLinksIsNamed() throws IOException {
        picture(folder.resolve("cat/a.png"));
        Path loop = folder.resolve("cat/again");
        Files.createSymbolicLink(loop, folder.resolve("cat"));
        String message = assertThrows(DataException.class, () -> evaluated(folder)).getMessage();
        assertTrue(message.contains(loop + " is a link to a folder that holds it"), message);
        Files.delete(loop);
        Files.createSymbolicLink(folder.resolve("dog"), folder);
        message = assertThrows(DataException.class, () -> evaluated(folder)).getMessage();
        assertTrue(message.contains("remove the link"), message);
    }

    @Test
    void otherFilesAreCountedOnce() throws IOException {
        picture(folder.resolve("cat/a.png"));
        picture(folder.resolve("cat/deep/b.PNG"));
        picture(folder.resolve("cat/._b.png"));
        picture(folder.resolve("cat/.cache/c.png"));
        picture(folder.resolve("loose.png"));
        for (String name : List.of("cat/x.txt", "cat/y.txt", "cat/deep/z.heic", "cat/noname")) {
            Files.writeString(folder.resolve(name), "x");
        }
        Files.writeString(folder.resolve("labels.csv"), "x");
        assertEquals(2, evaluated(folder).size());
        assertEquals(
                List.of(
                        "8 [1 .csv, 1 .heic, 2 .txt, 1 hidden file, 1 hidden folder,"
                                + " 1 pictures outside of the class folders, 1 without extension]"),
                leftOut);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void damagedPicturesAreNamedBeforeTraining(boolean small) throws IOException {
        for (int i = 0; i < 10; i++) {
            picture(folder.resolve("cat/" + i + ".png"));
            picture(folder.resolve("dog/" + i + ".jpg"));
        }
        Path png = cut(folder.resolve("cat/3.png"));
        Path jpeg = cut(folder.resolve("dog/7.jpg"));
        ImageShape shape = small ? SMALL : LARGE;
        DataSource source = DataSource.parse("folder:" + folder);
        String message =
                assertThrows(
                                DataException.class,
                                () -> source.forTraining(shape, options(0.1, false)))
                        .getMessage();
        assertTrue(message.startsWith("2 of 20 pictures in "), message);
        assertTrue(message.contains(png + ": ") && message.contains(jpeg + ": "), message);
        assertEquals(20, checked.size());

        DataSplits splits = source.forTraining(shape, options(0, true));
        assertEquals(18, splits.train().size());
        assertEquals(1, leftOut.size());
        assertTrue(leftOut.get(0).startsWith("2 [" + png + ": "), leftOut.get(0));
        assertEquals(18, source.forEvaluation(shape, options(0, true)).size());
        if (small) {
            assertThrows(DataException.class, () -> source.forEvaluation(shape));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"val", "valid", "validation"})
    void partsAreFolders(String validation) throws IOException {
        for (String part : List.of("train", validation, "test")) {
            picture(folder.resolve(part + "/cat/" + part + ".png"));
            picture(folder.resolve(part + "/dog/" + part + ".png"));
        }
        picture(folder.resolve("test/dog/more.png"));
        picture(folder.resolve(validation + "/dog/more1.png"));
        picture(folder.resolve(validation + "/dog/more2.png"));
        DataSource source = DataSource.parse(folder.toString());
        DataSplits splits = source.forTraining(SMALL, options(0.1, false));
        assertEquals(2, splits.train().size());
        assertEquals(4, splits.validation().orElseThrow().size());
        assertEquals(3, splits.test().orElseThrow().size());
        assertTrue(splits.heldOut().isEmpty());
        assertEquals(3, source.forEvaluation(SMALL).size());
        assertTrue(
                splits.description()
                        .endsWith(": 2 training images, 4 for validation, 3 for testing"),
                splits.description());
    }

    @Test
    void picturesInNoPartAreCounted() throws IOException {
        for (String file :
                List.of("train/cat/1.png", "train/dog/2.png", "test/3.png", "test/4.png")) {
            picture(folder.resolve(file));
        }
        picture(folder.resolve("dev/cat/5.png"));
        picture(folder.resolve("valid/cat/6.png"));
        picture(folder.resolve("validation/dog/7.png"));
        picture(folder.resolve("8.png"));
        Files.writeString(Files.createDirectory(folder.resolve("docs")).resolve("a.txt"), "a");
        DataSource.parse(folder.toString()).forTraining(SMALL, options(0, false));
        // A part holds folders of classes, so "test" is none.
        assertEquals(List.of("5 [1 dev, 1 no folder, 2 test, 1 validation]"), leftOut);
    }

    @Test
    void picturesAreFoundByFolderAndPattern() throws IOException {
        Path a = picture(folder.resolve("a/1.png"));
        Path b = picture(folder.resolve("a/2.jpg"));
        Path c = picture(folder.resolve("b/3.png"));
        Files.writeString(folder.resolve("a/1.txt"), "x");
        assertEquals(List.of(a, b, c), PicturePaths.find(folder.toString(), listener));
        assertEquals(List.of("1 [1 .txt]"), leftOut);
        assertEquals(List.of(a, c), PicturePaths.find(folder + "/*/*.png", listener));
        assertEquals(List.of(a, b), PicturePaths.find(folder + "/a/?.*", listener));
        assertEquals(List.of(a), PicturePaths.find(a.toString(), listener));
        String none =
                assertThrows(
                                DataException.class,
                                () -> PicturePaths.find(folder + "/*.gif", listener))
                        .getMessage();
        assertTrue(none.contains("*.gif must match pictures"), none);
        // linear in time: a backtracking matcher would not end
        String stars = folder + "/a/" + "*a".repeat(40) + "b";
        Files.writeString(folder.resolve("a/" + "a".repeat(200)), "x");
        assertThrows(DataException.class, () -> PicturePaths.find(stars, listener));
    }

    private ImageSet evaluated(Path data) {
        return DataSource.parse("folder:" + data).forEvaluation(SMALL, options(0.1, false));
    }

    private static Path cut(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        return Files.write(file, Arrays.copyOf(bytes, bytes.length * 2 / 3));
    }

    private static Path picture(Path file) throws IOException {
        Files.createDirectories(file.getParent());
        BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 64; i++) {
            image.setRGB(i % 8, i / 8, i * 0x030507);
        }
        String format = file.toString().endsWith("jpg") ? "jpeg" : "png";
        assertTrue(ImageIO.write(image, format, file.toFile()));
        return file;
    }
}

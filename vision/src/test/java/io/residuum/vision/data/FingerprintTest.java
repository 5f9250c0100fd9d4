package io.residuum.vision.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import io.residuum.vision.train.ImageClassification;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A fingerprint stays the same for a copy of the data, and changes with names and contents. */
class FingerprintTest {
    @TempDir private Path temp;

    /** Small images are held in memory, photographs are read again and again. */
    @ParameterizedTest
    @ValueSource(ints = {8, 64})
    void ofFolders(int side) throws IOException {
        Path first = pictures("first", 0x102030);
        Path copy = pictures("copy", 0x102030);
        Files.setLastModifiedTime(copy.resolve("cat/0.png"), FileTime.fromMillis(0));
        String fingerprint = fingerprint(first, side);
        assertEquals(fingerprint, fingerprint(copy, side));
        assertNotEquals(fingerprint, fingerprint(pictures("other", 0x102031), side));
        Files.move(copy.resolve("cat/0.png"), copy.resolve("cat/z.png"));
        assertNotEquals(fingerprint, fingerprint(copy, side));
        Files.move(first.resolve("cat/0.png"), first.resolve("dog/0.png"));
        assertNotEquals(fingerprint, fingerprint(first, side));
    }

    @Test
    void ofGeneratedDigits() {
        String fingerprint = fingerprint("digits:train=100,test=10,seed=3", 32);
        assertEquals(fingerprint, fingerprint("digits:train=100,test=10,seed=3", 32));
        assertNotEquals(fingerprint, fingerprint("digits:train=100,test=10,seed=4", 32));
        assertNotEquals(fingerprint, fingerprint("digits:train=100,test=20,seed=3", 32));
    }

    @Test
    void ofASetThatUsersWrote() {
        assertEquals(new Constant(0.5f).fingerprint(), new Constant(0.5f).fingerprint());
        assertNotEquals(new Constant(0.5f).fingerprint(), new Constant(0.25f).fingerprint());
    }

    private record Constant(float value) implements ImageSet {
        @Override
        public int size() {
            return 3;
        }

        @Override
        public ImageShape shape() {
            return new ImageShape(1, 1, 1);
        }

        @Override
        public List<String> classNames() {
            return List.of("a");
        }

        @Override
        public int label(int index) {
            return 0;
        }

        @Override
        public void read(int index, Image into) {
            into.reset(shape())[0] = value;
        }
    }

    private static String fingerprint(Path folder, int side) {
        return fingerprint("folder:" + folder, side);
    }

    private static String fingerprint(String source, int side) {
        ImageShape shape = new ImageShape(3, side, side);
        return new ImageClassification(DataSource.parse(source).forTraining(shape))
                .fingerprint()
                .orElseThrow();
    }

    private Path pictures(String name, int color) throws IOException {
        Path folder = temp.resolve(name);
        for (String label : List.of("cat", "dog")) {
            Path one = Files.createDirectories(folder.resolve(label));
            for (int i = 0; i < 10; i++) {
                BufferedImage image = new BufferedImage(9, 9, BufferedImage.TYPE_INT_RGB);
                image.setRGB(i % 9, 4, color);
                ImageIO.write(
                        image,
                        "png",
                        one.resolve((label.equals("cat") ? i : i + 20) + ".png").toFile());
            }
        }
        return folder;
    }
}

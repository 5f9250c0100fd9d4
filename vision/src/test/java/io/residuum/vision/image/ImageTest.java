package io.residuum.vision.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageTest {

    /** Heights and widths of an image, then of its window. */
    @ParameterizedTest
    @CsvSource({
        "37, 50, 20, 20",
        "50, 37, 20, 21",
        "9, 40, 16, 16",
        "40, 9, 16, 15",
        "1, 1, 5, 4",
        "24, 24, 21, 21",
        "21, 30, 21, 21",
        "100, 3, 2, 2",
        "64, 64, 7, 40"
    })
    void computesOfAResizedImageWhatItsWindowShows(int tall, int wide, int height, int width) {
        Image whole = random(tall, wide);
        Image part = random(tall, wide);
        double room = Math.min((double) tall / height, (double) wide / width);
        double scale = Math.min(Math.max(room, 1), Pictures.MARGIN) / room;
        whole.resize((int) Math.round(tall * scale), (int) Math.round(wide * scale));
        whole.centerCrop(height, width);
        part.fit(height, width);
        assertEquals(whole.shape(), part.shape());
        assertArrayEquals(values(whole), values(part), 1e-6f);
    }

    @ParameterizedTest
    @CsvSource({"TYPE_3BYTE_BGR, 3", "TYPE_4BYTE_ABGR, 3", "TYPE_INT_RGB, 3", "TYPE_BYTE_GRAY, 1"})
    void copiesTheSameColoursOfEveryLayout(String type, int channels) throws Exception {
        BufferedImage picture =
                new BufferedImage(5, 3, BufferedImage.class.getField(type).getInt(null));
        Image copied = new Image();
        int[] colour = {10, 120, 230, 255};
        for (int y = 0; y < 3; y++) {
            for (int x = 0; x < 5; x++) {
                int[] pixel = colour.clone();
                pixel[0] += x + 5 * y;
                picture.getRaster().setPixel(x, y, pixel);
            }
        }
        Pictures.copy(picture, copied);
        assertEquals(new ImageShape(channels, 3, 5), copied.shape());
        for (int i = 0; i < 15; i++) {
            for (int c = 0; c < channels; c++) {
                float expected = (colour[c] + (c == 0 ? i : 0)) / 255f;
                assertEquals(expected, copied.values()[c * 15 + i]);
            }
        }
    }

    @Test
    void copiesAPartOfAPicture() {
        BufferedImage picture = new BufferedImage(4, 4, BufferedImage.TYPE_3BYTE_BGR);
        picture.getRaster().setPixel(2, 3, new int[] {255, 51, 102});
        Image copied = new Image();
        Pictures.copy(picture.getSubimage(2, 3, 1, 1), copied);
        assertArrayEquals(new float[] {1, 0.2f, 0.4f}, values(copied));
    }

    private static Image random(int height, int width) {
        Image image = new Image();
        float[] values = image.reset(new ImageShape(3, height, width));
        Random random = new Random(1);
        for (int i = 0; i < 3 * height * width; i++) {
            values[i] = random.nextFloat();
        }
        return image;
    }

    private static float[] values(Image image) {
        return Arrays.copyOf(image.values(), image.shape().length());
    }
}

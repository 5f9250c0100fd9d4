package io.residuum.vision.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.primitives.Bytes;
import io.residuum.data.DataException;
import java.awt.color.ColorSpace;
import java.awt.color.ICC_Profile;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PictureReaderTest {
    private static final int START_OF_FRAME = 0xC0;

    @TempDir Path folder;

    /** The tolerance is that of another decoder of JPEG, and of WebP's interpolation of colours. */
    @ParameterizedTest
    @CsvSource({
        "cmyk.jpg, 2",
        "cmyk-coarse.jpg, 2",
        "cmyk-plain.jpg, 2",
        "ycck.jpg, 2",
        "turned.jpg, 2",
        "progressive.jpg, 2",
        "gray.jpg, 1",
        "alpha.png, 0",
        "gray-alpha.png, 0",
        "palette.png, 0",
        "bits.png, 0",
        "rgb.bmp, 0",
        "palette.bmp, 0",
        "lzw.tif, 0",
        "cmyk.tif, 1",
        "animated.gif, 0",
        "lossless.webp, 0",
        "lossy.webp, 16",
    })
    void valuesAreThoseOfPillow(String name, int tolerance) throws IOException {
        Image image = new Image();
        PictureReader.DEFAULT.decode(resource(name), name, image);
        image.convertTo(3);
        byte[] expected = resource(name + ".rgb");
        int plane = image.shape().plane();
        assertEquals(expected.length, 3 * plane);
        for (int i = 0; i < expected.length; i++) {
            float found = 255 * image.values()[i % 3 * plane + i / 3];
            int at = i;
            assertEquals(
                    Byte.toUnsignedInt(expected[i]),
                    found,
                    tolerance + 1e-3,
                    () -> "pixel " + at / 3 + ", channel " + at % 3);
        }
    }

    @Test
    void aFileThatIsNotThereIsNamedInWords() {
        Path nowhere = folder.resolve("nowhere.png");
        DataException e =
                assertThrows(
                        DataException.class,
                        () -> new PictureReader(100).read(nowhere, new Image()));
        assertEquals("cannot read the picture " + nowhere + ": no such file", e.getMessage());
    }

    @Test
    void aWrongChecksumIsDamage() throws IOException {
        byte[] palette = resource("palette.png");
        int color = Bytes.indexOf(palette, "PLTE".getBytes(StandardCharsets.US_ASCII)) + 10;
        palette[color] ^= 1;
        assertDamaged(palette, "a colour");
    }

    @Test
    void aProfileChangesNoValue() throws IOException {
        byte[] jpeg = resource("progressive.jpg");
        byte[] profile = ICC_Profile.getInstance(ColorSpace.CS_LINEAR_RGB).getData();
        byte[] head = "ICC_PROFILE\0\1\1".getBytes(StandardCharsets.ISO_8859_1);
        int length = 2 + head.length + profile.length;
        byte[] marker = {(byte) 0xff, (byte) 0xe2, (byte) (length >> 8), (byte) length};
        // after the JFIF header, which comes first
        int at = 20;
        byte[] tagged =
                Bytes.concat(
                        Arrays.copyOf(jpeg, at),
                        marker,
                        head,
                        profile,
                        Arrays.copyOfRange(jpeg, at, jpeg.length));
        Image plain = new Image();
        Image other = new Image();
        PictureReader.DEFAULT.decode(jpeg, "plain", plain);
        PictureReader.DEFAULT.decode(tagged, "tagged", other);
        for (int i = 0; i < plain.shape().length(); i++) {
            assertEquals(plain.values()[i], other.values()[i]);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "cmyk.jpg",
                "progressive.jpg",
                "turned.jpg",
                "gray.jpg",
                "alpha.png",
                "palette.png",
                "rgb.bmp",
                "lzw.tif",
                "animated.gif",
                "lossless.webp",
                "lossy.webp",
            })
    void aTruncatedPictureIsDamaged(String name) throws IOException {
        byte[] whole = resource(name);
        // An animation is complete after the first of its two images.
        int last = name.equals("animated.gif") ? whole.length / 3 : whole.length - 20;
        for (int length : new int[] {last / 2, last * 3 / 4, last}) {
            assertDamaged(Arrays.copyOf(whole, length), name + " with " + length);
        }
    }

    @Test
    void aJpegWithoutItsEndOrWithZerosIsDamaged() throws IOException {
        byte[] jpeg = noise("jpeg");
        assertDamaged(Arrays.copyOf(jpeg, jpeg.length - 2), "no end");
        byte[] zeros = jpeg.clone();
        Arrays.fill(zeros, jpeg.length / 2, jpeg.length * 3 / 4, (byte) 0);
        assertDamaged(zeros, "zeros");
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "gif"})
    void aPictureWithZerosIsDamaged(String format) throws IOException {
        byte[] picture = noise(format);
        Arrays.fill(picture, picture.length / 2, picture.length * 3 / 4, (byte) 0);
        assertDamaged(picture, "zeros");
    }

    @Test
    void whatIsNoPictureIsRefusedByName() {
        for (String content : new String[] {"", "hello", "\0\0\0\030ftypheic", "<svg/>"}) {
            assertMessage(
                    "x.jpg: must be a JPEG, PNG",
                    content.getBytes(StandardCharsets.ISO_8859_1),
                    PictureReader.DEFAULT);
        }
        // ImageIO takes zeros for a picture of a phone of 1998.
        assertMessage("x.jpg: must be a JPEG, PNG", new byte[100], PictureReader.DEFAULT);
    }

    /** Few bytes whose header announces gigabytes: nothing of that size may be allocated. */
    @Test
    void theHeaderIsComparedWithTheLimit() throws IOException {
        String limit = "at most 67,108,864 pixels, got ";
        assertMessage(limit + "1 x 178,956,970", png(1, 178_956_970), PictureReader.DEFAULT);
        assertMessage(limit + "65,535 x 65,535", png(65_535, 65_535), PictureReader.DEFAULT);
        byte[] jpeg = resource("turned.jpg");
        int frame = Bytes.indexOf(jpeg, new byte[] {(byte) 0xff, (byte) START_OF_FRAME});
        ByteBuffer.wrap(jpeg)
                .putShort(frame + 5, (short) 13_000)
                .putShort(frame + 7, (short) 13_000);
        assertMessage(limit + "13,000 x 13,000", jpeg, PictureReader.DEFAULT);
        assertMessage("169,000,000 pixels do not fit into", jpeg, new PictureReader(1L << 40));
        byte[] gif = resource("animated.gif");
        byte[] small = resource("alpha.png");
        assertMessage("at most 127 pixels, got 16 x 8", small, new PictureReader(127));
        assertMessage("at most 127 pixels, got 16 x 8", gif, new PictureReader(127));
        new PictureReader(128).decode(small, "x.png", new Image());
        assertThrows(IllegalArgumentException.class, () -> new PictureReader(0));
    }

    @Test
    void aFileThatIsTooLongIsNotRead() throws IOException {
        Path file = Files.write(folder.resolve("long.png"), new byte[2000]);
        String message =
                assertThrows(
                                DataException.class,
                                () -> new PictureReader(100).read(file, new Image()))
                        .getMessage();
        assertTrue(message.contains("long.png") && message.contains("2,000"), message);
        assertThrows(
                DataException.class,
                () -> PictureReader.DEFAULT.read(folder.resolve("none.png"), new Image()));
    }

    private static void assertDamaged(byte[] picture, String what) {
        DataException e =
                assertThrows(
                        DataException.class,
                        () -> PictureReader.DEFAULT.decode(picture, "x.jpg", new Image()),
                        what);
        String message = String.valueOf(e.getMessage());
        assertTrue(
                message.startsWith("x.jpg: ") && message.contains("damaged"),
                what + ": " + message);
    }

    private static void assertMessage(String part, byte[] picture, PictureReader reader) {
        DataException e =
                assertThrows(
                        DataException.class, () -> reader.decode(picture, "x.jpg", new Image()));
        String message = String.valueOf(e.getMessage());
        assertTrue(message.contains(part), message);
    }

    private static byte[] noise(String format) throws IOException {
        BufferedImage image = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
        Random random = new Random(1);
        for (int i = 0; i < 64 * 64; i++) {
            image.setRGB(i % 64, i / 64, random.nextInt());
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertTrue(ImageIO.write(image, format, out));
        return out.toByteArray();
    }

    /** A PNG that has nothing but its header. */
    private static byte[] png(int width, int height) {
        ByteBuffer chunk = ByteBuffer.allocate(17);
        chunk.put("IHDR".getBytes(StandardCharsets.US_ASCII)).putInt(width).putInt(height);
        chunk.put(new byte[] {8, 2, 0, 0, 0});
        CRC32 crc = new CRC32();
        crc.update(chunk.array());
        return ByteBuffer.allocate(33)
                .putLong(0x89504e470d0a1a0aL)
                .putInt(13)
                .put(chunk.array())
                .putInt((int) crc.getValue())
                .array();
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in =
                Objects.requireNonNull(
                        PictureReaderTest.class.getResourceAsStream("/pictures/" + name), name)) {
            return in.readAllBytes();
        }
    }
}

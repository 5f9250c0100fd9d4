package io.residuum.vision.data;

import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Small sets and buffers for tests. */
public final class TestImages {
    private TestImages() {}

    /** A set of random bytes with labels 0, 1, ..., classes - 1, 0, 1, ... */
    public static ImageSet random(ImageShape shape, int size, int classes, long seed) {
        byte[] pixels = new byte[size * shape.length()];
        new SplittableRandom(seed).nextBytes(pixels);
        byte[] labels = new byte[size];
        for (int i = 0; i < size; i++) {
            labels[i] = (byte) (i % classes);
        }
        List<String> names = IntStream.range(0, classes).mapToObj(i -> "class" + i).toList();
        return new ByteImages(shape, names, pixels, labels);
    }

    public static Image image(ImageShape shape, float... values) {
        Image image = new Image();
        System.arraycopy(values, 0, image.reset(shape), 0, shape.length());
        return image;
    }

    public static Image randomImage(ImageShape shape, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Image image = new Image();
        float[] values = image.reset(shape);
        for (int i = 0; i < shape.length(); i++) {
            values[i] = random.nextInt(1, 1 << 20) / (float) (1 << 20);
        }
        return image;
    }

    public static float[] values(Image image) {
        return Arrays.copyOf(image.values(), image.shape().length());
    }

    /** An IDX file of unsigned bytes. */
    static byte[] idx(byte[] data, int... sizes) {
        ByteBuffer file = ByteBuffer.allocate(4 + 4 * sizes.length + data.length);
        file.putInt(0x0800 | sizes.length);
        for (int size : sizes) {
            file.putInt(size);
        }
        return file.put(data).array();
    }
}

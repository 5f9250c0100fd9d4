package io.residuum.train.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class PictureTest {
    @Test
    void planesBecomeInterleavedBytes() {
        float[] planes = {0, 1, 0.2f, 0.4f, -3, 7};
        byte[] rgb = Picture.ofPlanes(planes, 3, 1, 2).rgb();
        assertArrayEquals(new byte[] {0, 51, 0, (byte) 255, 102, (byte) 255}, rgb);
    }

    @Test
    void grayIsTheSameInEveryChannel() {
        byte[] rgb = Picture.ofPlanes(new float[] {0.2f, 0.4f}, 1, 2, 1).rgb();
        assertArrayEquals(new byte[] {51, 51, 51, 102, 102, 102}, rgb);
    }

    @Test
    void theSizeMustFit() {
        assertThrows(IllegalArgumentException.class, () -> new Picture(new byte[11], 2, 2));
        assertThrows(IllegalArgumentException.class, () -> Picture.ofPlanes(new float[8], 2, 2, 2));
    }
}

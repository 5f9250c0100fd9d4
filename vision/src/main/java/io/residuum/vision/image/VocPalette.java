package io.residuum.vision.image;

import java.awt.image.IndexColorModel;

/** The colours of PASCAL VOC: each triple of bits of a class sets a bit of R, G and B. */
public final class VocPalette {
    private VocPalette() {}

    /**
     * {@return the colour of a class as {@code 0xRRGGBB}; black for 0}
     *
     * @param index the class, in [0, 256)
     */
    public static int color(int index) {
        int color = 0;
        for (int bit = 0; bit < 8; bit++) {
            color |= (index >> bit & 1) << 7 - bit / 3 << 8 * (2 - bit % 3);
        }
        return color;
    }

    /** {@return the colours of all 256 classes} */
    public static IndexColorModel colors() {
        byte[][] colors = new byte[3][256];
        for (int i = 0; i < 256; i++) {
            for (int c = 0; c < 3; c++) {
                colors[c][i] = (byte) (color(i) >> 8 * (2 - c));
            }
        }
        return new IndexColorModel(8, 256, colors[0], colors[1], colors[2]);
    }
}

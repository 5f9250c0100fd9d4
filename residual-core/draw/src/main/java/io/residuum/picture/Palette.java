package io.residuum.picture;

import io.residuum.draw.Box;
import java.awt.Color;

/** The colours of a picture on paper: light fills that differ in lightness too, dark lines. */
final class Palette {
    static final Color PAPER = Color.WHITE;
    static final Color INK = new Color(0x1c2024);
    static final Color GRAY = new Color(0x565e66);
    static final Color FRAME = new Color(0xc3c8cc);
    static final Color FRAME_FILL = new Color(0xf8f9fa);
    static final Color SHORTCUT = new Color(0xb85c00);

    private Palette() {}

    static Color fill(Box.Kind kind) {
        return new Color(
                switch (kind) {
                    case INPUT, OUTPUT -> 0xffffff;
                    case CONVOLUTION -> 0xd6e5f7;
                    case LINEAR -> 0xd9eedd;
                    case ATTENTION -> 0xe7dbf5;
                    case EMBEDDING -> 0xf9dde7;
                    case POOLING -> 0xd3eeee;
                    case NORM -> 0xf1ecd3;
                    case ACTIVATION -> 0xfff0b8;
                    case OTHER -> 0xeceeef;
                    case SHORTCUT, MERGE -> 0xfdead6;
                });
    }

    static Color line(Box.Kind kind) {
        return switch (kind) {
            case INPUT, OUTPUT -> GRAY;
            case CONVOLUTION -> new Color(0x2f64a3);
            case LINEAR -> new Color(0x2f7d4c);
            case ATTENTION -> new Color(0x6f45a6);
            case EMBEDDING -> new Color(0xa8406f);
            case POOLING -> new Color(0x1f7a80);
            case NORM -> new Color(0x85761c);
            case ACTIVATION -> new Color(0x9a7700);
            case OTHER -> new Color(0x7c848b);
            case SHORTCUT, MERGE -> SHORTCUT;
        };
    }
}

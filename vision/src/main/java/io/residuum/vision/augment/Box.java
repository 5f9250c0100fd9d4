package io.residuum.vision.augment;

import io.residuum.vision.image.ImageShape;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/** A rectangle of pixels inside an image. */
record Box(int top, int left, int height, int width) {
    /** {@return a rectangle around a random pixel, clipped to the image} */
    static Box around(RandomGenerator random, ImageShape shape, int height, int width) {
        int y = random.nextInt(shape.height()) - height / 2;
        int x = random.nextInt(shape.width()) - width / 2;
        int top = Math.max(0, y);
        int left = Math.max(0, x);
        int bottom = Math.min(shape.height(), y + height);
        int right = Math.min(shape.width(), x + width);
        return new Box(top, left, bottom - top, right - left);
    }

    int area() {
        return height * width;
    }

    /** {@return the first pixel of each row, in a plane that begins at {@code origin}} */
    IntStream rows(ImageShape shape, int origin) {
        return IntStream.range(top, top + height).map(y -> origin + y * shape.width() + left);
    }
}

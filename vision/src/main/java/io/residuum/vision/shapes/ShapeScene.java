package io.residuum.vision.shapes;

import io.residuum.vision.detect.BoundingBox;
import io.residuum.vision.detect.LabelledBox;
import io.residuum.vision.image.Image;
import io.residuum.vision.image.ImageShape;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A scene of one to four shapes on a textured background: disks, rectangles and triangles of any
 * colour, some of them behind others. It uses only operations with the same result on every
 * platform.
 */
final class ShapeScene {
    /** The shapes, by label. */
    static final List<String> NAMES = List.of("disk", "rectangle", "triangle");

    private static final int MOST = 4;
    private static final int TRIES = 20;
    private static final double SMALLEST = 0.16;
    private static final double LARGEST = 0.4;

    /** The largest share of a new shape's square that squares of others may cover. */
    private static final double COVERED = 0.15;

    private static final double CONTRAST = 0.35;
    private static final double NOISE = 0.06;

    /** A shape in a square of the scene, whose sides are 1. */
    private record Item(
            int label, double left, double top, double side, double[] form, float[] color) {

        /** Returns true if a point of the scene is inside. */
        boolean covers(double x, double y) {
            double u = (x - left) / side;
            double v = (y - top) / side;
            if (u < 0 || u > 1 || v < 0 || v > 1) {
                return false;
            }
            return switch (label) {
                case 0 -> (u - 0.5) * (u - 0.5) + (v - 0.5) * (v - 0.5) <= 0.25;
                case 1 -> Math.abs(u - 0.5) <= form[0] && Math.abs(v - 0.5) <= form[1];
                // The apex is at (form[2], 0), the base is the lower edge.
                default -> u >= form[2] * (1 - v) && u <= form[2] + (1 - form[2]) * v;
            };
        }
    }

    private final List<Item> items = new ArrayList<>();
    private final float[][] corners = new float[4][];
    private final long noise;

    ShapeScene(SplittableRandom random) {
        for (int i = 0; i < corners.length; i++) {
            corners[i] = color(random);
        }
        int wanted = 1 + random.nextInt(MOST);
        for (int attempt = 0; attempt < TRIES && items.size() < wanted; attempt++) {
            double side = SMALLEST + random.nextDouble() * (LARGEST - SMALLEST);
            double left = random.nextDouble() * (1 - side);
            double top = random.nextDouble() * (1 - side);
            // One side of a rectangle fills its square, so that all shapes have one scale.
            double narrow = 0.3 + 0.2 * random.nextDouble();
            boolean upright = random.nextInt(2) == 0;
            double[] form = {upright ? narrow : 0.5, upright ? 0.5 : narrow, random.nextDouble()};
            Item item =
                    new Item(
                            random.nextInt(NAMES.size()),
                            left,
                            top,
                            side,
                            form,
                            contrasting(random, left + side / 2, top + side / 2));
            if (items.stream().allMatch(other -> covered(item, other) <= COVERED)) {
                items.add(item);
            }
        }
        noise = random.nextLong();
    }

    private static double covered(Item item, Item other) {
        BoundingBox both = square(item);
        return both.intersection(square(other)) / Math.min(both.area(), square(other).area());
    }

    private static BoundingBox square(Item i) {
        return new BoundingBox(i.left, i.top, i.left + i.side, i.top + i.side);
    }

    private static float[] color(SplittableRandom random) {
        return new float[] {channel(random), channel(random), channel(random)};
    }

    private static float channel(SplittableRandom random) {
        return (float) random.nextDouble();
    }

    /** Returns a colour that differs from the background at a place. */
    private float[] contrasting(SplittableRandom random, double x, double y) {
        while (true) {
            float[] color = color(random);
            double most = 0;
            for (int c = 0; c < 3; c++) {
                most = Math.max(most, Math.abs(color[c] - background(x, y, c)));
            }
            if (most > CONTRAST) {
                return color;
            }
        }
    }

    private double background(double x, double y, int channel) {
        return (1 - y) * ((1 - x) * corners[0][channel] + x * corners[1][channel])
                + y * ((1 - x) * corners[2][channel] + x * corners[3][channel]);
    }

    /** Returns the index of the last shape that covers each pixel, or -1. */
    private int[] visible(int height, int width) {
        int[] visible = new int[height * width];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int at = y * width + x;
                visible[at] = -1;
                for (int i = 0; i < items.size(); i++) {
                    if (items.get(i).covers((x + 0.5) / width, (y + 0.5) / height)) {
                        visible[at] = i;
                    }
                }
            }
        }
        return visible;
    }

    void paint(ImageShape shape, Image into) {
        float[] values = into.reset(shape);
        int[] visible = visible(shape.height(), shape.width());
        SplittableRandom random = new SplittableRandom(noise);
        for (int c = 0; c < shape.channels(); c++) {
            for (int i = 0; i < visible.length; i++) {
                double x = (i % shape.width() + 0.5) / shape.width();
                double y = ((double) (i / shape.width()) + 0.5) / shape.height();
                double paint =
                        visible[i] < 0 ? background(x, y, c) : items.get(visible[i]).color[c];
                double value = paint + NOISE * (2 * random.nextDouble() - 1);
                values[c * visible.length + i] = (float) Math.min(1, Math.max(0, value));
            }
        }
    }

    /** Writes the class of each pixel plus 1, where the background is class 0. */
    void mask(ImageShape shape, Image into) {
        float[] values = into.reset(shape);
        int[] visible = visible(shape.height(), shape.width());
        for (int i = 0; i < visible.length; i++) {
            values[i] = visible[i] < 0 ? 1 : items.get(visible[i]).label + 2;
        }
    }

    /** Returns the box around the visible pixels of each shape. */
    List<LabelledBox> objects(int height, int width) {
        int[] visible = visible(height, width);
        int[][] edges = new int[items.size()][];
        for (int i = 0; i < visible.length; i++) {
            if (visible[i] >= 0) {
                int x = i % width;
                int y = i / width;
                int[] e = edges[visible[i]];
                edges[visible[i]] =
                        e == null
                                ? new int[] {x, y, x + 1, y + 1}
                                : new int[] {
                                    Math.min(e[0], x),
                                    Math.min(e[1], y),
                                    Math.max(e[2], x + 1),
                                    Math.max(e[3], y + 1)
                                };
            }
        }
        List<LabelledBox> objects = new ArrayList<>();
        for (int i = 0; i < edges.length; i++) {
            int[] e = edges[i];
            if (e != null) {
                BoundingBox box = new BoundingBox(e[0], e[1], e[2], e[3]);
                objects.add(new LabelledBox(items.get(i).label, box));
            }
        }
        return objects;
    }
}

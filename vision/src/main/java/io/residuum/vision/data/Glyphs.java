package io.residuum.vision.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Common ways to write the ten digits. Each digit has several styles, each a list of pen strokes. A
 * stroke is a chain of cubic Bezier curves in a box 60 wide and 100 high, with y downwards.
 * Straight lines are curves too, so that jitter bends them.
 */
final class Glyphs {
    /** Paths as in SVG with absolute M (pen down), L (line) and C (cubic curve). */
    private static final String[][] PATHS = {
        { // 0: closed, overlapping at the top, a loop, narrow
            "M30 2 C10 2 2 26 2 50 C2 76 14 98 30 98 C48 98 58 74 58 50 C58 26 48 2 30 2",
            "M38 6 C14 -2 2 28 2 54 C2 82 14 98 30 98 C50 98 60 72 56 44 C53 20 42 4 22 8",
            "M44 10 C36 -4 4 6 3 48 C2 84 18 100 32 98 C52 95 60 66 56 42 C52 14 36 2 18 10 C26 20"
                    + " 40 18 52 8",
            "M32 2 C16 4 10 30 10 54 C10 78 18 98 30 98 C42 98 50 76 50 50 C50 24 44 4 32 2"
        },
        { // 1: a line, with a flag, with flag and foot, leaning
            "M30 2 L30 98",
            "M12 26 C20 20 28 10 33 2 L32 98",
            "M10 24 L31 3 L31 97 M10 98 L52 98",
            "M34 2 C32 34 30 66 26 98",
            "M20 16 L32 2 L30 98"
        },
        { // 2: plain, with a loop at the foot, with a wavy foot
            "M6 22 C8 6 20 1 32 2 C48 3 56 14 54 30 C52 48 24 74 4 97 L58 97",
            "M8 20 C12 4 28 0 38 4 C54 10 54 32 44 50 C34 68 20 86 10 92 C0 98 -2 84 8 83 C20 82 28"
                    + " 97 42 97 C50 97 56 92 59 86",
            "M6 20 C14 -4 50 -4 52 22 C54 44 20 68 4 96 C20 88 40 102 58 94",
            "M10 14 C20 -2 52 -2 52 24 C52 48 30 70 8 96 L56 93"
        },
        { // 3: two bowls, flat top, small upper bowl, a loop in the middle
            "M6 12 C14 2 34 -2 44 8 C56 20 46 44 22 47 C50 48 62 66 54 82 C46 100 16 102 3 86",
            "M6 4 L52 4 L24 40 C48 38 60 56 56 74 C52 98 18 104 3 86",
            "M10 10 C20 0 46 -2 46 20 C46 38 32 44 20 44 C44 42 58 56 57 72 C56 94 24 106 2 90",
            "M8 10 C18 -2 48 0 48 22 C48 40 30 46 22 50 C16 54 22 42 34 46 C50 52 58 62 56 76 C52"
                    + " 98 18 102 4 88"
        },
        { // 4: open, closed, round-shouldered, open with a short stem
            "M16 2 C13 22 9 40 4 60 L58 57 M44 28 L41 98",
            "M42 98 L42 2 L2 66 L58 66",
            "M10 4 C8 30 2 54 14 56 C26 58 42 54 54 48 M48 4 C47 36 45 66 42 98",
            "M34 2 L4 62 L58 62 M40 36 L38 98",
            "M44 2 C30 22 14 44 3 62 C20 65 40 63 58 60 M45 4 L42 98"
        },
        { // 5: in one go, bar drawn last, like an S, square
            "M52 4 L14 4 L10 44 C24 34 46 36 53 52 C62 76 44 98 24 98 C14 98 6 92 2 86",
            "M14 6 L10 46 C26 34 50 40 54 62 C58 86 36 104 6 92 M14 6 L55 3",
            "M52 5 C38 2 22 1 17 8 C12 18 10 30 10 42 C30 36 54 46 52 70 C50 96 20 102 4 90",
            "M50 4 L12 6 L12 46 C34 38 56 48 54 72 C52 96 22 102 4 90"
        },
        { // 6: curved, straight back, tall loop
            "M46 2 C22 14 4 42 4 68 C4 90 16 98 30 98 C46 98 56 88 56 74 C56 58 44 50 32 50 C18 50"
                    + " 8 60 5 74",
            "M40 2 C18 30 2 60 8 82 C14 104 48 102 54 80 C60 54 22 46 8 74",
            "M34 2 C14 22 4 46 4 70 C4 92 18 99 30 98 C44 97 54 86 53 72 C52 56 36 48 20 62 C14 68"
                    + " 10 76 8 84"
        },
        { // 7: plain, barred, with a serif, wavy top
            "M4 4 L56 4 C44 30 30 60 24 98",
            "M4 5 L56 5 C44 30 32 60 26 98 M14 50 L50 47",
            "M6 20 L6 5 L56 5 C40 34 26 62 24 98",
            "M4 10 C16 2 28 10 56 4 C46 30 26 64 22 98",
            "M5 4 L54 4 L22 98"
        },
        { // 8: in one go from the top right, two circles, crossing open at the top
            "M46 10 C30 -5 8 4 10 22 C12 42 52 50 54 74 C56 96 36 99 28 98 C4 95 0 74 14 62 C26 50"
                    + " 48 40 50 22 C51 14 49 12 45 9",
            "M30 2 C14 2 9 14 9 24 C9 38 18 46 30 46 C44 46 51 36 51 24 C51 12 44 2 30 2 M30 46 C12"
                    + " 46 3 58 3 72 C3 88 14 98 30 98 C46 98 57 88 57 72 C57 58 48 46 30 46",
            "M50 12 C34 -6 4 2 8 24 C12 44 54 50 54 76 C52 100 6 104 6 76 C8 52 44 46 54 8"
        },
        { // 9: straight stem, hooked tail, in one go
            "M52 26 C48 6 34 0 22 3 C6 8 0 28 6 42 C14 58 42 56 50 30 C52 24 53 18 53 12 C53 44 51"
                    + " 72 46 98",
            "M50 26 C48 4 12 -4 6 24 C2 50 30 58 42 44 C50 34 52 26 52 20 C54 50 52 74 40 90 C32"
                    + " 100 16 100 8 92",
            "M48 10 C30 -4 4 6 4 28 C4 52 36 56 50 22 L52 8 C52 40 46 72 34 98"
        }
    };

    /** The strokes by digit and style: 3n + 1 control points x, y, centred on 0, of height 1. */
    private static final List<List<List<double[]>>> STYLES =
            Arrays.stream(PATHS).map(p -> Stream.of(p).map(Glyphs::parse).toList()).toList();

    private Glyphs() {}

    /** {@return the styles of a digit; the arrays are shared and must not be changed} */
    static List<List<double[]>> styles(int digit) {
        return STYLES.get(digit);
    }

    private static List<double[]> parse(String path) {
        List<double[]> strokes = new ArrayList<>();
        for (String stroke : path.substring(1).split("M")) {
            List<Double> points = new ArrayList<>();
            for (String piece : stroke.trim().split("(?=[LC])")) {
                boolean line = piece.startsWith("L");
                double[] numbers =
                        Stream.of(piece.replaceAll("[LC]", "").trim().split(" "))
                                .mapToDouble(Double::parseDouble)
                                .toArray();
                if (line) {
                    double x = points.get(points.size() - 2);
                    double y = points.get(points.size() - 1);
                    for (int third = 1; third <= 3; third++) {
                        points.add(x + (numbers[0] - x) * third / 3);
                        points.add(y + (numbers[1] - y) * third / 3);
                    }
                } else {
                    Arrays.stream(numbers).forEach(points::add);
                }
            }
            double[] centered = new double[points.size()];
            for (int i = 0; i < centered.length; i += 2) {
                centered[i] = (points.get(i) - 30) / 100;
                centered[i + 1] = (points.get(i + 1) - 50) / 100;
            }
            strokes.add(centered);
        }
        return List.copyOf(strokes);
    }
}

package io.residuum.vision.efficientnet;

import io.residuum.nn.Shapes;
import java.util.ArrayList;
import java.util.List;

/** Scales the widths and depths of networks of inverted residuals. */
final class Widths {
    /** The least share of the channels that rounding keeps. */
    static final double LIMIT = 0.9;

    /** The number that channels are usually a multiple of. */
    private static final int DIVISOR = 8;

    private Widths() {}

    /** The factors of width and depth, and the rounding of a compound-scaled network. */
    record Scaling(
            double width,
            double depth,
            double limit,
            boolean keepEnds,
            boolean nearest,
            int divisor) {
        static final Scaling NONE = new Scaling(1, 1, LIMIT, false, false);

        Scaling(double width, double depth, double limit, boolean keepEnds, boolean nearest) {
            this(width, depth, limit, keepEnds, nearest, DIVISOR);
        }

        static Scaling of(double width, double depth) {
            return new Scaling(width, depth, LIMIT, false, false);
        }

        int channels(int channels) {
            return Shapes.divisible(channels * width, divisor, limit);
        }

        /** {@return the stages of texts, scaled} */
        List<List<BlockRow>> stages(String... stages) {
            List<List<BlockRow>> scaled = new ArrayList<>();
            for (int s = 0; s < stages.length; s++) {
                List<BlockRow> rows = new ArrayList<>();
                for (String row : stages[s].split(" ")) {
                    rows.add(BlockRow.of(row));
                }
                boolean kept = keepEnds && (s == 0 || s == stages.length - 1);
                scaled.add(deepened(rows, kept ? 1 : depth));
            }
            return scaled;
        }

        /** Scales a stage's depth, and shares it among the rows from the last one. */
        private List<BlockRow> deepened(List<BlockRow> rows, double factor) {
            int left = rows.stream().mapToInt(BlockRow::repeats).sum();
            double exact = left * factor;
            int leftScaled = (int) (nearest ? Math.max(1, Math.rint(exact)) : Math.ceil(exact));
            List<BlockRow> scaled = new ArrayList<>(rows);
            for (int i = rows.size() - 1; i >= 0; i--) {
                BlockRow row = rows.get(i);
                int repeats =
                        Math.max(1, (int) Math.rint(row.repeats() / (double) left * leftScaled));
                left -= row.repeats();
                leftScaled -= repeats;
                scaled.set(
                        i, row.with().repeats(repeats).channels(channels(row.channels())).build());
            }
            return scaled;
        }
    }
}

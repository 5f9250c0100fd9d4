package io.residuum.inspect;

import io.residuum.draw.HeatMap;
import io.residuum.draw.HeatMap.Side;
import io.residuum.draw.Numbers;
import io.residuum.draw.SvgChart;
import io.residuum.draw.SvgChart.Style;
import io.residuum.engine.Ops;
import io.residuum.engine.Values;
import io.residuum.nn.ForwardHook;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.TypeName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Computes the loss on a line or plane through the weights, along random directions whose filters
 * have the norms of the network's filters (Li et al. 2018, arXiv:1712.09913, Section 4). Biases and
 * the parameters of norms stay. Norms use running statistics or those of the batch, as the subject
 * says.
 *
 * @param points the number of points along a direction, odd, so that the network is one of them.
 *     Default: 25
 * @param radius the largest step, where 1 is as long as the weights. Default: 1
 * @param directions 1 for a line, 2 for a plane. Default: 2
 */
@TypeName("surface")
public record Surface(
        @Default("25") int points, @Default("1") double radius, @Default("2") int directions)
        implements Analysis {
    private static final ForwardHook NO_HOOK = (layer, outputs) -> {};

    public Surface {
        Check.that(points >= 3 && points % 2 == 1, "points must be odd, from 3, got %s", points);
        Check.positive("radius", radius);
        Check.that(
                directions == 1 || directions == 2,
                "directions must be 1 or 2, got %s",
                directions);
    }

    @Override
    public Finding run(Subject subject) {
        double[] steps =
                IntStream.range(0, points)
                        .mapToDouble(i -> radius * (2.0 * i / (points - 1) - 1))
                        .toArray();
        double[][] losses = new double[directions == 1 ? 1 : points][points];
        long[] samples = {0};
        Ops ops = subject.network().backend().ops();
        try (Slice slice = new Slice(subject.network(), directions, subject.seed())) {
            subject.forEachBatch(
                    "surface",
                    losses.length * points,
                    (batch, point) -> {
                        int row = point / points;
                        int column = point % points;
                        slice.move(steps[column], directions == 1 ? 0 : steps[row]);
                        try (Ops.Pause pause = ops.pauseRecording()) {
                            var outputs = subject.observe(batch, NO_HOOK);
                            float mean = Values.floats(subject.loss(outputs, batch.targets()))[0];
                            losses[row][column] += (double) mean * batch.size();
                        }
                        samples[0] += point == 0 ? batch.size() : 0;
                    });
        }
        for (double[] row : losses) {
            Arrays.setAll(row, i -> row[i] / samples[0]);
        }
        return finding(steps, losses);
    }

    private Finding finding(double[] steps, double[][] losses) {
        boolean line = directions == 1;
        List<List<Object>> rows = new ArrayList<>();
        for (int r = 0; r < losses.length; r++) {
            for (int c = 0; c < points; c++) {
                rows.add(
                        line
                                ? List.of(steps[c], losses[r][c])
                                : List.of(steps[c], steps[r], losses[r][c]));
            }
        }
        List<String> columns = line ? List.of("x", "loss") : List.of("x", "y", "loss");
        double[] all = Arrays.stream(losses).flatMapToDouble(Arrays::stream).toArray();
        DoubleSummaryStatistics finite =
                DoubleStream.of(all).filter(Double::isFinite).summaryStatistics();
        return new Finding(
                "surface",
                "Loss surface",
                "Loss %s at the network, from %s to %s in the slice. Directions have the norms of the filters, so that pictures of different networks can be compared. A smooth bowl is easy to train, a rough one is not."
                        .formatted(
                                Numbers.significant(all[all.length / 2]),
                                Numbers.significant(finite.getMin()),
                                Numbers.significant(finite.getMax())),
                List.of(new Table("points", columns, rows)),
                figures(steps, losses));
    }

    private List<Figure> figures(double[] steps, double[][] losses) {
        boolean log = Arrays.stream(losses).flatMapToDouble(Arrays::stream).noneMatch(v -> v <= 0);
        if (directions == 1) {
            SvgChart chart =
                    new SvgChart("Loss along a direction", "step")
                            .numeric()
                            .series("loss", Style.MAIN, steps, losses[0]);
            return chart.isEmpty() ? List.of() : List.of(Figure.of("line", chart));
        }
        HeatMap map =
                new HeatMap(
                                "Loss in a plane through the weights",
                                losses,
                                Side.of("first direction", -radius, radius),
                                Side.of("second direction", -radius, radius))
                        .contours()
                        .mark(0, 0);
        return List.of(Figure.of("plane", log ? map.log() : map));
    }
}

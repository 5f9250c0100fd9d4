package io.residuum.inspect.ablation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import io.residuum.data.Seeds;
import io.residuum.draw.Numbers;
import io.residuum.inspect.Analysis;
import io.residuum.inspect.Batch;
import io.residuum.inspect.Figure;
import io.residuum.inspect.Finding;
import io.residuum.inspect.InspectionException;
import io.residuum.inspect.Plot;
import io.residuum.inspect.Subject;
import io.residuum.inspect.Table;
import io.residuum.inspect.Unit;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.TypeName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Counts the paths through a network by their length, and measures which lengths carry gradient
 * (Veit et al. 2016, arXiv:1605.06431, Section 5). A path takes the branch or the shortcut of each
 * unit. Random paths of each length are sampled, and the norm of the gradient through such a path
 * is measured at the input of the first unit. Times the number of paths, it is what the paths of a
 * length contribute.
 *
 * @param draws the number of paths of each length for each batch. Default: 4
 * @param lengths the largest number of lengths to measure, spread evenly; between them the
 *     logarithm of the norm is interpolated. Default: 64
 */
@TypeName("paths")
public record Paths(@Default("4") int draws, @Default("64") int lengths) implements Analysis {

    /** The share that an interval of lengths holds. */
    private static final double MOST = 0.95;

    public Paths {
        Check.positive("draws", draws);
        Check.that(lengths > 1, "lengths must be at least 2, got %s", lengths);
    }

    @Override
    public Finding run(Subject subject) {
        List<Unit> units = subject.units();
        PathCounts counts = PathCounts.of(units);
        int[] optional =
                IntStream.range(0, units.size()).filter(i -> units.get(i).hasShortcut()).toArray();
        int[] measured = measured(units.size() - optional.length, units.size());
        double[] sums = new double[units.size() + 1];
        int[] paths = new int[units.size() + 1];
        SplittableRandom random = Seeds.random(subject.seed());
        int[] visits = new int[1];
        // The first visits also look for a way around each unit.
        subject.forEachBatch(
                "gradients of paths",
                Math.max(measured.length * draws, units.size()),
                (batch, time) -> {
                    if (visits[0] < units.size()) {
                        requireNoWayAround(subject, batch, visits[0]++);
                    }
                    int length = measured[time % measured.length];
                    BitSet chosen = path(units.size(), optional, length, random);
                    sums[length] += norm(PathGradient.through(subject, batch, chosen));
                    paths[length]++;
                });
        double[] norms =
                IntStream.range(0, sums.length).mapToDouble(i -> sums[i] / paths[i]).toArray();
        return finding(counts, norms, optional.length);
    }

    /** Returns lengths from the least to the most, not more than {@link #lengths}. */
    private int[] measured(int least, int most) {
        int count = Math.min(most - least + 1, lengths);
        return IntStream.range(0, count)
                .map(
                        i ->
                                count == 1
                                        ? least
                                        : least
                                                + (int)
                                                        Math.round(
                                                                (double) i
                                                                        * (most - least)
                                                                        / (count - 1)))
                .toArray();
    }

    /** Draws a path: all units without a shortcut, and some of the others. */
    private static BitSet path(int units, int[] optional, int length, SplittableRandom random) {
        BitSet chosen = new BitSet(units);
        chosen.set(0, units);
        int[] order = Seeds.permutation(optional.length, random);
        for (int i = 0; i < units - length; i++) {
            chosen.clear(optional[order[i]]);
        }
        return chosen;
    }

    /** Requires units in series: nothing leads around a unit but its own shortcut. */
    private static void requireNoWayAround(Subject subject, Batch batch, int unit) {
        if (norm(PathGradient.around(subject, batch, unit)) > 0) {
            throw new InspectionException(
                    "paths counts units in series, but in %s a connection leads around unit \"%s\": use lesion"
                            .formatted(
                                    subject.network().spec().name(),
                                    subject.units().get(unit).path()));
        }
    }

    /** Returns the Euclidean norm, also of gradients whose squares are below the least float. */
    static double norm(NDArray gradient) {
        NDArray g =
                gradient.toType(DataType.FLOAT32, false).reshape(gradient.getShape().get(0), -1);
        NDArray most = g.abs().max();
        double largest = most.toFloatArray()[0];
        if (largest == 0) {
            return 0;
        }
        NDArray scaled = g.div(most);
        float[] squares = scaled.mul(scaled).sum(new int[] {1}).toFloatArray();
        return largest
                * Math.sqrt(IntStream.range(0, squares.length).mapToDouble(i -> squares[i]).sum());
    }

    private static Finding finding(PathCounts counts, double[] norms, int shortcuts) {
        double[] ofPaths = counts.shares();
        double[] ofGradient = counts.weighted(interpolated(norms));
        List<List<@Nullable Object>> rows = new ArrayList<>();
        for (int length = 0; length < norms.length; length++) {
            rows.add(
                    Arrays.asList(
                            length,
                            counts.counts().get(length),
                            ofPaths[length],
                            Double.isNaN(norms[length]) ? null : norms[length],
                            ofGradient[length]));
        }
        Table lengths =
                new Table(
                        "lengths",
                        List.of(
                                "length",
                                "paths",
                                "share of paths",
                                "gradient of a path",
                                "share of gradient"),
                        rows);
        PathCounts.Interval most = PathCounts.shortest(ofPaths, MOST);
        PathCounts.Interval effective = PathCounts.shortest(ofGradient, MOST);
        double few = PathCounts.share(ofPaths, effective.from(), effective.to());
        Table intervals =
                new Table(
                        "intervals",
                        List.of("of", "from", "to", "share of paths", "share of gradient"),
                        List.of(
                                row("paths", most, ofPaths, ofGradient),
                                row("gradient", effective, ofPaths, ofGradient)));
        String text =
                "%s paths lead through %d units, %d of them with a shortcut. Paths of %d to %d branches carry %s of the gradient; they are %s of all paths. A path takes the branch or the shortcut of each unit; the share of a length is the number of its paths times the mean norm of the gradient through one."
                        .formatted(
                                Numbers.significant(counts.total().doubleValue()),
                                norms.length - 1,
                                shortcuts,
                                effective.from(),
                                effective.to(),
                                Numbers.percent(effective.share()),
                                Numbers.percent(few));
        double[] x = lengths.numbers("length");
        Plot shares =
                new Plot(
                        "shares",
                        "Share by length of the path, in %",
                        "length of the path",
                        false,
                        List.of(
                                new Plot.Curve("paths", x, percent(ofPaths)),
                                new Plot.Curve("gradient", x, percent(ofGradient))));
        Plot norm =
                new Plot(
                        "gradient",
                        "Norm of the gradient through one path",
                        "length of the path",
                        true,
                        List.of(new Plot.Curve("mean norm", x, norms)));
        return new Finding(
                "paths", "Paths", text, List.of(intervals, lengths), Figure.of(shares, norm));
    }

    private static List<Object> row(
            String of, PathCounts.Interval interval, double[] ofPaths, double[] ofGradient) {
        int from = interval.from();
        int to = interval.to();
        return List.of(
                of,
                from,
                to,
                PathCounts.share(ofPaths, from, to),
                PathCounts.share(ofGradient, from, to));
    }

    private static double[] percent(double[] shares) {
        return DoubleStream.of(shares).map(s -> 100 * s).toArray();
    }

    /**
     * Fills gaps between measured lengths: norms change by about a factor from length to length.
     * Below the least length there are no paths.
     */
    private static double[] interpolated(double[] norms) {
        double[] all = norms.clone();
        int[] known = IntStream.range(0, norms.length).filter(i -> norms[i] >= 0).toArray();
        Arrays.fill(all, 0, known[0], 0);
        for (int k = 1; k < known.length; k++) {
            int from = known[k - 1];
            int to = known[k];
            for (int i = from + 1; i < to; i++) {
                double part = (double) (i - from) / (to - from);
                all[i] = Math.pow(norms[from], 1 - part) * Math.pow(norms[to], part);
            }
        }
        return all;
    }
}

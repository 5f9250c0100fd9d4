package io.residuum.train.report;

import ai.djl.ndarray.types.Shape;
import io.residuum.metric.MeasuredOutput;
import io.residuum.metric.MetricBatch;
import io.residuum.metric.OutputKind;
import io.residuum.metric.RankedScores;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Collects what the report shows of one output, in bounded memory: a fixed random sample of
 * numbers, the first images, and curves from the scores that metrics share.
 */
public final class OutputFigures {
    /** The largest number of points of a scatter plot or a curve. */
    private static final int MOST_POINTS = 1000;

    private static final int MOST_CURVE_POINTS = 200;
    private static final int MOST_PLOTS = 6;
    private static final int MOST_IMAGES = 8;

    /** The largest number of labels whose scores are kept. */
    private static final int MOST_SCORED = 100;

    private final String name;
    private final MeasuredOutput output;
    private final @Nullable RankedScores scores;
    private final boolean plots;
    private final boolean pictures;
    private final SplittableRandom random = new SplittableRandom(0);
    private final List<double[]> points = new ArrayList<>();
    private final List<OutputFigure.Sample> images = new ArrayList<>();
    private long seen;

    /**
     * Starts to collect, before the first batch.
     *
     * @param name the name of the output; empty if the network has one
     */
    public OutputFigures(String name, MeasuredOutput output) {
        this.name = name;
        this.output = output;
        Shape shape = output.shape();
        boolean flat = shape.dimension() <= 2;
        boolean numbers = output.kind() == OutputKind.NUMBERS;
        int columns = output.names().size();
        boolean ranks =
                output.kind() == OutputKind.LABELS
                        ? columns <= MOST_SCORED
                        : output.kind() == OutputKind.CLASSES && columns == 2;
        scores = flat && ranks ? output.scores() : null;
        plots = flat && numbers;
        pictures = shape.dimension() == 4 && (!numbers || columns == 1 || columns == 3);
    }

    /** {@return true if images of the next batch are wanted} */
    public boolean wantsImages() {
        return pictures && images.size() < MOST_IMAGES;
    }

    /**
     * Adds the samples of a batch.
     *
     * @param batch the output and its target
     * @param inputs returns the input image of a sample; empty if the input is no image
     */
    public void add(MetricBatch batch, IntFunction<Optional<Picture>> inputs) {
        for (int sample = 0; plots && sample < batch.samples(); sample++) {
            addPoint(batch, sample);
        }
        for (int sample = 0; wantsImages() && sample < batch.samples(); sample++) {
            SamplePictures both = new SamplePictures(output, batch, sample);
            images.add(
                    new OutputFigure.Sample(
                            inputs.apply(sample), both.target(), both.prediction()));
        }
    }

    /** Keeps each sample with the same probability (reservoir sampling). */
    private void addPoint(MetricBatch batch, int sample) {
        long place = seen < MOST_POINTS ? seen : random.nextLong(seen + 1);
        seen++;
        if (place >= MOST_POINTS) {
            return;
        }
        int columns = plotted();
        double[] point = new double[2 * columns];
        for (int c = 0; c < columns; c++) {
            point[2 * c] = batch.numbers()[batch.columns().index(sample, c)];
            point[2 * c + 1] = batch.value(sample, c);
        }
        if (place == points.size()) {
            points.add(point);
        } else {
            points.set((int) place, point);
        }
    }

    private int plotted() {
        return Math.min(MOST_PLOTS, output.names().size());
    }

    /** {@return the figures of the samples so far} */
    public List<OutputFigure> figures() {
        List<OutputFigure> figures = new ArrayList<>();
        for (int c = 0; plots && c < plotted(); c++) {
            int at = 2 * c;
            double[][] known =
                    points.stream()
                            .filter(p -> Double.isFinite(p[at]) && Double.isFinite(p[at + 1]))
                            .toArray(double[][]::new);
            if (known.length > 0) {
                figures.add(
                        new OutputFigure.Regression(
                                name,
                                output.names().size() == 1 ? "" : output.names().get(c),
                                IntStream.range(0, known.length)
                                        .mapToDouble(i -> known[i][at])
                                        .toArray(),
                                IntStream.range(0, known.length)
                                        .mapToDouble(i -> known[i][at + 1])
                                        .toArray()));
            }
        }
        if (scores != null) {
            figures.addAll(rankings(scores));
        }
        if (!images.isEmpty()) {
            figures.add(new OutputFigure.Images(name, List.copyOf(images)));
        }
        return figures;
    }

    private List<OutputFigure> rankings(RankedScores all) {
        // Both curves of a second class say the same as those of the first, seen from the other
        // side.
        int first = output.kind() == OutputKind.CLASSES ? 1 : 0;
        List<OutputFigure> rankings = new ArrayList<>();
        IntStream.range(first, all.columns())
                .filter(all::hasBoth)
                .limit(MOST_PLOTS)
                .forEach(
                        c ->
                                rankings.add(
                                        new OutputFigure.Ranking(
                                                name,
                                                all.columns() == 1 ? "" : output.names().get(c),
                                                thinned(all.roc(c)),
                                                all.rocAuc(c),
                                                thinned(all.precisionRecall(c)),
                                                all.averagePrecision(c),
                                                all.positives(c))));
        return rankings;
    }

    /** Drops points that no eye could tell apart, but neither the first nor the last. */
    private static OutputFigure.Curve thinned(RankedScores.Curve curve) {
        int size = curve.x().length;
        int kept = Math.min(size, MOST_CURVE_POINTS);
        int[] at =
                IntStream.range(0, kept)
                        .map(i -> kept == 1 ? 0 : (int) ((long) i * (size - 1) / (kept - 1)))
                        .toArray();
        return new OutputFigure.Curve(
                IntStream.of(at).mapToDouble(i -> curve.x()[i]).toArray(),
                IntStream.of(at).mapToDouble(i -> curve.y()[i]).toArray());
    }
}

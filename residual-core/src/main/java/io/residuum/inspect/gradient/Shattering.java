package io.residuum.inspect.gradient;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.residuum.engine.Ops;
import io.residuum.engine.Values;
import io.residuum.inspect.Analysis;
import io.residuum.inspect.Batch;
import io.residuum.inspect.Figure;
import io.residuum.inspect.Finding;
import io.residuum.inspect.InspectionException;
import io.residuum.inspect.Plot;
import io.residuum.inspect.Plot.Curve;
import io.residuum.inspect.Subject;
import io.residuum.inspect.Table;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.TypeName;
import java.util.ArrayList;
import java.util.List;

/**
 * Measures the autocorrelation of the gradient along lines between two samples (shattered
 * gradients, Balduzzi et al. 2017, arXiv:1702.08591). A shattered gradient has that of white noise.
 *
 * <p>The gradient is that of a random combination of the outputs' channels with respect to the
 * input, or to the embeddings of tokens. Batch norms use the statistics of the first batch, so that
 * inputs do not influence each other.
 *
 * @param lines the number of lines, each between two samples of the first batch. Default: 4
 * @param points the number of inputs on a line. Default: 256
 */
@TypeName("shattering")
public record Shattering(@Default("4") int lines, @Default("256") int points) implements Analysis {

    public Shattering {
        Check.positive("lines", lines);
        Check.that(points >= 8, "points must be 8 or more, got %s", points);
    }

    @Override
    public Finding run(Subject subject) {
        List<double[]> correlations = new ArrayList<>();
        subject.firstBatch(batch -> correlations.addAll(along(subject, batch)));
        return finding(correlations);
    }

    private List<double[]> along(Subject subject, Batch batch) {
        int pairs = (int) Math.min(lines, batch.size() / 2);
        if (pairs == 0) {
            throw new InspectionException(
                    "shattering needs a batch of two or more samples, got 1: use --batch 2 and"
                            + " --samples 2, or more");
        }
        Subject fixed = subject.withStatisticsOf(batch);
        LineGradients gradients = new LineGradients(fixed, batch);
        int most = Math.max(1, subject.recipe().batch());
        int chunks = (points + most - 1) / most;
        List<double[]> correlations = new ArrayList<>();
        Ops ops = subject.network().backend().ops();
        try (NDManager owner = subject.network().backend().newManager()) {
            NDList line = new NDList();
            try {
                subject.repeat(
                        "shattering",
                        pairs * chunks,
                        step -> {
                            int pair = step / chunks;
                            int first = step % chunks * most;
                            int last = Math.min(points, first + most);
                            line.add(gradients.between(2 * pair, first, last, points, owner));
                            if (last == points) {
                                try (Ops.Pause pause = ops.pauseRecording()) {
                                    correlations.add(autocorrelation(line));
                                }
                                line.forEach(NDArray::close);
                                line.clear();
                            }
                        });
            } finally {
                subject.network().clearGradients();
            }
        }
        return correlations;
    }

    /** Computes the autocorrelation of rows: {@code (n, d)} in several parts. */
    private static double[] autocorrelation(NDList parts) {
        try (NDManager scratch = parts.head().getManager().newSubManager()) {
            NDArray rows = NDArrays.concat(parts, 0);
            rows.attach(scratch);
            NDArray largest = rows.abs().max();
            double unit = Values.floats(largest)[0];
            int n = (int) rows.getShape().get(0);
            if (unit == 0) {
                return new double[0];
            }
            NDArray scaled = Ops.of(scratch).div(rows, unit);
            float[] products = Values.floats(scaled.matMul(scaled.transpose(1, 0)));
            return autocorrelation(products, n);
        }
    }

    /**
     * Returns the autocorrelation of n vectors by lag, from their inner products: the mean product
     * of vectors at this distance, divided by the mean square.
     */
    static double[] autocorrelation(float[] products, int n) {
        double[] correlation = new double[n / 2 + 1];
        for (int lag = 0; lag < correlation.length; lag++) {
            double sum = 0;
            for (int i = 0; i + lag < n; i++) {
                sum += products[i * n + i + lag];
            }
            correlation[lag] = sum / (n - lag) / (lag == 0 ? 1 : correlation[0]);
        }
        correlation[0] = 1;
        return correlation;
    }

    /** Returns the expected autocorrelation of n steps of Brownian motion from 0. */
    static double brownian(int lag, int n) {
        return (n - lag + 1.0) / (n + 1.0);
    }

    private Finding finding(List<double[]> all) {
        List<double[]> found = all.stream().filter(line -> line.length > 0).toList();
        if (found.isEmpty()) {
            throw new InspectionException(
                    "shattering needs a gradient along the lines, found zero everywhere: the output"
                            + " does not depend on the input, for instance because the last layer"
                            + " is zero at initialization; train the network first");
        }
        List<List<Object>> rows = new ArrayList<>();
        for (int lag = 0; lag <= points / 2; lag++) {
            int k = lag;
            double mean = found.stream().mapToDouble(c -> c[k]).average().orElse(Double.NaN);
            double least = found.stream().mapToDouble(c -> c[k]).min().orElse(Double.NaN);
            double most = found.stream().mapToDouble(c -> c[k]).max().orElse(Double.NaN);
            double white = lag == 0 ? 1 : 0;
            rows.add(List.of((long) lag, mean, least, most, brownian(lag, points), white));
        }
        Table table =
                new Table(
                        "lags",
                        List.of("lag", "autocorrelation", "least", "most", "brown", "white"),
                        List.copyOf(rows));
        double[] lags = table.numbers("lag");
        return new Finding(
                "shattering",
                "Shattered gradients",
                "Autocorrelation of the gradient along lines of %d inputs (lines: %d). The gradient of a linear network is constant, with correlation 1. A shattered gradient is like white noise: a step along it says nothing about the next."
                        .formatted(points, found.size()),
                List.of(table),
                Figure.of(
                        new Plot(
                                "autocorrelation",
                                "Autocorrelation of gradients",
                                "lag",
                                false,
                                List.of(
                                        new Curve("white noise", lags, table.numbers("white")),
                                        new Curve("brown noise", lags, table.numbers("brown")),
                                        new Curve(
                                                "gradient",
                                                lags,
                                                table.numbers("autocorrelation"))))));
    }
}

package io.residuum.inspect;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Ops;
import io.residuum.nn.ForwardHook;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import io.residuum.spec.TypeName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * Measures how the signal grows from unit to unit (signal propagation plots, Brock et al. 2021,
 * arXiv:2101.08692, Section 3): the mean square of each unit's output, the variance of its channels
 * over samples and positions, the mean of their squared means, and the same of its branch.
 */
@TypeName("signal")
public record Signal() implements Analysis {
    private static final List<String> COLUMNS =
            List.of(
                    "unit",
                    "mean square",
                    "variance",
                    "squared mean",
                    "branch mean square",
                    "branch variance",
                    "branch squared mean");

    /** Sums over samples and positions by channel. */
    private static final class Sums {
        private double[] sums = {};
        private double[] squares = {};
        private long count;

        void add(NDArray x) {
            Shape shape = x.getShape();
            int axis = Shapes.channelAxis(shape);
            long channels = shape.get(axis);
            long positions = shape.size() / channels;
            NDArray y = x.toType(DataType.FLOAT32, false);
            y = y.reshape(shape.slice(0, axis).size(), channels, shape.slice(axis + 1).size());
            sums = plus(sums, mean(y), positions);
            squares = plus(squares, mean(y.mul(y)), positions);
            count += positions;
        }

        /** Returns the mean of each channel, one axis at a time as PyTorch's engine requires. */
        private static float[] mean(NDArray x) {
            return x.mean(new int[] {2}).mean(new int[] {0}).toFloatArray();
        }

        private static double[] plus(double[] sums, float[] means, long positions) {
            double[] all = sums.length == 0 ? new double[means.length] : sums;
            for (int c = 0; c < means.length; c++) {
                all[c] += (double) means[c] * positions;
            }
            return all;
        }

        /** Returns mean square, variance and squared mean. */
        List<Double> values() {
            double meanSquare = DoubleStream.of(squares).average().orElse(Double.NaN) / count;
            double squaredMean =
                    Arrays.stream(sums).map(s -> s / count * (s / count)).average().orElse(0);
            return List.of(meanSquare, meanSquare - squaredMean, squaredMean);
        }
    }

    @Override
    public Finding run(Subject subject) {
        List<Unit> units = subject.units();
        List<Sums> streams = units.stream().map(u -> new Sums()).toList();
        List<Sums> branches = units.stream().map(u -> new Sums()).toList();
        subject.forEachBatch(
                "signal",
                batch -> {
                    try (Ops.Pause pause = subject.network().backend().ops().pauseRecording()) {
                        subject.observe(batch, sums(units, streams, branches));
                    }
                });
        List<List<Object>> rows = new ArrayList<>();
        for (int i = 0; i < units.size(); i++) {
            List<Object> row = new ArrayList<>(List.of(units.get(i).path()));
            row.addAll(streams.get(i).values());
            if (branches.get(i).count > 0) {
                row.addAll(branches.get(i).values());
            } else {
                row.addAll(Arrays.asList(null, null, null));
            }
            rows.add(row);
        }
        Table table = new Table("units", COLUMNS, rows);
        return new Finding(
                "signal",
                "Signal",
                "Variance of the channels over samples and positions, of the output of each unit"
                        + " and of its branch. A stream that grows or fades by a constant factor"
                        + " cannot be deep.",
                List.of(table),
                Figure.of(
                        plot(table, "variance", "Variance"),
                        plot(table, "squared mean", "Squared mean")));
    }

    private static ForwardHook sums(List<Unit> units, List<Sums> streams, List<Sums> branches) {
        return new UnitHook(units) {
            @Override
            protected void branch(int unit, Layer layer, NDList outputs) {
                branches.get(unit).add(outputs.head());
            }

            @Override
            protected void unit(int unit, Layer layer, NDList outputs) {
                streams.get(unit).add(outputs.head());
            }
        };
    }

    private static Plot plot(Table table, String column, String title) {
        return new Plot(
                column.replace(' ', '-'),
                title + " by unit",
                "unit",
                true,
                List.of(
                        Plot.Curve.byNumber("branch", table.numbers("branch " + column)),
                        Plot.Curve.byNumber("stream", table.numbers(column))));
    }
}

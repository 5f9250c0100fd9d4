package io.residuum.inspect.gradient;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import io.residuum.engine.Ops;
import io.residuum.inspect.Table;
import io.residuum.model.Network;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Sums the gradients of parameters over batches, in one array for each parameter. */
final class WeightGradients {
    private static final String DIMENSIONS = "dimensions";
    private static final String RATIO = "dE/dw / w";

    private final Map<String, Sum> sums = new LinkedHashMap<>();
    private final Ops ops;
    private final NDManager owner;

    private record Sum(Parameter parameter, NDArray gradient) {}

    /** Begins with zeros for all parameters that are not frozen. */
    WeightGradients(Network network, NDManager owner) {
        this.ops = network.backend().ops();
        this.owner = owner;
        network.parameters()
                .forEach(
                        (path, parameter) -> {
                            NDArray w = parameter.getArray();
                            if (w.hasGradient()) {
                                NDArray zeros = owner.zeros(w.getShape(), w.getDataType());
                                sums.put(path, new Sum(parameter, zeros));
                            }
                        });
    }

    /** Adds the gradients of the last backward pass, of the mean loss of some samples. */
    void add(long samples) {
        try (NDManager scratch = owner.newSubManager()) {
            for (Sum sum : sums.values()) {
                NDArray gradient = sum.parameter.getArray().getGradient();
                gradient.attach(scratch);
                sum.gradient.addi(ops.mul(gradient, (double) samples));
            }
        }
    }

    /** Returns the norms for the mean loss of all samples. */
    Table table(long samples) {
        List<List<@Nullable Object>> rows = new ArrayList<>();
        try (Ops.Pause pause = ops.pauseRecording()) {
            sums.forEach(
                    (path, sum) -> {
                        NDArray w = sum.parameter.getArray();
                        double gradient = Magnitude.of(sum.gradient, ops).norm() / samples;
                        double size = Magnitude.of(w, ops).norm();
                        long dimensions = w.getShape().dimension();
                        rows.add(
                                Arrays.asList(
                                        path,
                                        dimensions,
                                        w.size(),
                                        gradient,
                                        size,
                                        size == 0 ? null : gradient / size));
                    });
        }
        List<String> columns = List.of("parameter", DIMENSIONS, "values", "dE/dw", "w", RATIO);
        return new Table("weights", columns, rows);
    }

    /** Returns the ratios of kernels and matrices, without norms and biases. */
    static double[] ratios(Table table) {
        double[] dimensions = table.numbers(DIMENSIONS);
        double[] ratios = table.numbers(RATIO);
        return IntStream.range(0, ratios.length)
                .filter(i -> dimensions[i] > 1)
                .mapToDouble(i -> ratios[i])
                .toArray();
    }
}

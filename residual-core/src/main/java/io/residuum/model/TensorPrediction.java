package io.residuum.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.residuum.engine.Values;
import io.residuum.nn.Shapes;
import io.residuum.spec.Check;
import io.residuum.weights.SafetensorsWriter;
import io.residuum.weights.WeightsException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs a network on the tensors of a file, in batches, and writes its outputs to another, each
 * under its name as in {@link Network#predictAll}.
 */
public final class TensorPrediction {
    private final Network network;
    private final InputFile inputs;
    private final Map<String, Output> outputs = new LinkedHashMap<>();

    /** The values of all samples. */
    private record Output(long[] shape, float[] values) {
        void put(long first, NDArray y) {
            float[] some = Values.floats(y);
            System.arraycopy(
                    some, 0, values, Math.toIntExact(first * (some.length / rows(y))), some.length);
        }

        private static long rows(NDArray y) {
            return y.getShape().get(0);
        }
    }

    private TensorPrediction(Network network, InputFile inputs) {
        this.network = network;
        this.inputs = inputs;
    }

    /**
     * Computes and writes the outputs of all samples.
     *
     * @param batch the largest number of samples in a forward pass, positive
     * @param file the safetensors file to write; an existing one is replaced atomically
     * @return the shape of each output by name
     * @throws WeightsException if an input does not fit a layer, or the file cannot be written
     */
    public static Map<String, List<Long>> write(
            Network network, InputFile inputs, int batch, Path file) {
        Check.positive("batch", batch);
        TensorPrediction prediction = new TensorPrediction(network, inputs);
        for (long first = 0; first < inputs.samples(); first += batch) {
            prediction.add(first, (int) Math.min(batch, inputs.samples() - first));
        }
        SafetensorsWriter writer = new SafetensorsWriter();
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        prediction.outputs.forEach(
                (name, output) -> {
                    writer.add(name, output.shape, output.values);
                    List<Long> shape = new ArrayList<>();
                    for (long size : output.shape) {
                        shape.add(size);
                    }
                    shapes.put(name, shape);
                });
        writer.write(file);
        return shapes;
    }

    private void add(long first, int count) {
        try (NDManager manager = network.backend().newManager()) {
            NDList batch = inputs.batch(manager, first, count);
            network.predictAll(batch).forEach((name, y) -> output(name, y).put(first, y));
        } catch (IllegalArgumentException e) {
            throw new WeightsException(inputs.file() + ": " + e.getMessage(), e);
        }
    }

    /** Returns the place for an output, whose shape the first batch shows. */
    private Output output(String name, NDArray y) {
        return outputs.computeIfAbsent(
                name,
                n -> {
                    long[] shape = y.getShape().getShape().clone();
                    shape[0] = inputs.samples();
                    long size = Shapes.product(shape);
                    if (size > Integer.MAX_VALUE) {
                        throw new IllegalArgumentException(
                                "an output must have at most %d values, got %d for \"%s\": split the file of inputs"
                                        .formatted(Integer.MAX_VALUE, size, n));
                    }
                    return new Output(shape, new float[(int) size]);
                });
    }
}

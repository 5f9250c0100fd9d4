package io.residuum.examples.cli.predict;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Values;
import io.residuum.model.Network;
import io.residuum.spec.InputSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.weights.Safetensors;
import io.residuum.weights.SafetensorsWriter;
import io.residuum.weights.TensorInfo;
import io.residuum.weights.TensorType;
import io.residuum.weights.WeightsException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/**
 * Runs a network on the tensor {@code input} of a safetensors file, in batches, and writes the
 * tensor {@code output} to another.
 */
final class TensorPrediction implements AutoCloseable {
    private static final String INPUT = "input";
    private static final String MASK = "mask";
    private static final String OUTPUT = "output";

    private final Path file;
    private final Safetensors tensors;
    private final TensorInfo input;
    private final Optional<TensorInfo> mask;
    private final boolean tokens;

    private TensorPrediction(Path file, Safetensors tensors, boolean tokens) {
        this.file = file;
        this.tensors = tensors;
        this.input = tensors.info(INPUT);
        this.mask =
                tensors.names().contains(MASK) ? Optional.of(tensors.info(MASK)) : Optional.empty();
        this.tokens = tokens;
    }

    /**
     * {@return an opened input that was checked against the network}
     *
     * @throws WeightsException if the file holds no input that the network can read
     */
    static TensorPrediction open(ModelSpec spec, Path file) {
        boolean tokens = spec.input() instanceof InputSpec.Tokens;
        TensorPrediction prediction = new TensorPrediction(file, Safetensors.open(file), tokens);
        try {
            prediction.check(spec);
        } catch (RuntimeException e) {
            prediction.close();
            throw e;
        }
        return prediction;
    }

    private void check(ModelSpec spec) {
        long[] found = input.dimensions();
        long[] wanted = spec.input().batchShape().getShape();
        require(
                found.length == wanted.length && found[0] > 0,
                "must have the shape %s with N of 1 or more, found %s",
                spec.input().batchShape(),
                input.shape());
        if (spec.input() instanceof InputSpec.Tokens limits) {
            require(
                    input.type().kind() == TensorType.Kind.INTEGER,
                    "must hold token ids as integers, found %s",
                    input.type());
            require(
                    found[1] <= limits.length(),
                    "must have at most %s tokens per sample, found %s",
                    limits.length(),
                    found[1]);
            checkIds(limits.vocabulary());
        } else {
            require(
                    found[1] == wanted[1],
                    "must have %s in its second dimension, found shape %s",
                    wanted[1],
                    input.shape());
        }
        if (spec.input() instanceof InputSpec.Features) {
            require(
                    Arrays.equals(found, 1, found.length, wanted, 1, wanted.length),
                    "must be %s, found %s",
                    spec.input().batchShape(),
                    input.shape());
        }
        mask.ifPresent(
                m ->
                        require(
                                m.shape().size() > 0 && m.dimensions()[0] > 0,
                                "and its mask must not be empty, found a mask of %s",
                                m.shape()));
    }

    /** Engines may silently read another embedding for an id out of range. */
    private void checkIds(int vocabulary) {
        for (long id : tensors.longs(INPUT)) {
            require(
                    id >= 0 && id < vocabulary,
                    "must hold ids in [0, %s), found %s",
                    vocabulary,
                    id);
        }
    }

    private void require(boolean ok, String format, Object... args) {
        if (!ok) {
            throw WeightsException.in(file, "the tensor \"input\" " + String.format(format, args));
        }
    }

    /** Computes and writes the outputs of all samples, and returns a line for people. */
    String run(Network network, int batch, Path output) {
        long samples = input.dimensions()[0];
        long[] shape = network.block().outputShape(new Shape(input.dimensions())).getShape();
        float[] all = new float[Math.toIntExact(new Shape(shape).size())];
        int at = 0;
        for (long first = 0; first < samples; first += batch) {
            int n = (int) Math.min(batch, samples - first);
            float[] values = predict(network, first, n);
            System.arraycopy(values, 0, all, at, values.length);
            at += values.length;
        }
        new SafetensorsWriter().add(OUTPUT, shape, all).write(output);
        return "wrote    %s: output %s".formatted(output, Arrays.toString(shape));
    }

    private float[] predict(Network network, long first, int n) {
        try (NDManager manager = network.backend().newManager()) {
            NDList inputs = new NDList(part(manager, input, first, n, tokens));
            mask.ifPresent(m -> inputs.add(maskPart(manager, m, first, n)));
            return network.predict(inputs).toFloatArray();
        }
    }

    /** Splits a mask with one row per sample like the input; any other is used for each batch. */
    private NDArray maskPart(NDManager manager, TensorInfo m, long first, int n) {
        boolean perSample = m.dimensions()[0] == input.dimensions()[0];
        int rows = perSample ? n : Math.toIntExact(m.dimensions()[0]);
        return part(manager, m, perSample ? first : 0, rows, false);
    }

    private NDArray part(NDManager manager, TensorInfo info, long first, int n, boolean integers) {
        long[] dims = info.dimensions();
        int sample = Math.toIntExact(info.elements() / dims[0]);
        dims[0] = n;
        Shape shape = new Shape(dims);
        if (integers) {
            int from = Math.toIntExact(first * sample);
            long[] ids = tensors.longs(info.name());
            return Values.create(manager, Arrays.copyOfRange(ids, from, from + n * sample), shape);
        }
        int count = Math.toIntExact((long) n * sample);
        return Values.create(
                manager,
                tensors.floats(info.name(), first * sample, count),
                shape,
                DataType.FLOAT32);
    }

    @Override
    public void close() {
        tensors.close();
    }
}

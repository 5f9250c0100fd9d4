package io.residuum.train.samples;

import ai.djl.ndarray.types.Shape;
import io.residuum.data.DataException;
import io.residuum.spec.ModelSpec;
import io.residuum.weights.Safetensors;
import io.residuum.weights.TensorInfo;
import io.residuum.weights.TensorType;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Arrays of a safetensors file as samples: the tensor of each input and target by its name, with
 * the samples along the first axis. Whole numbers of a target are classes. The file is read as
 * samples are needed, so it may be larger than memory.
 */
public final class ArraySamples implements Samples {
    private final Safetensors tensors;
    private final SampleLayout layout;
    private final Map<String, TensorInfo> inputs = new LinkedHashMap<>();
    private final Map<String, TensorInfo> targets = new LinkedHashMap<>();
    private final Map<String, long[]> integers = new LinkedHashMap<>();
    private final int size;

    private ArraySamples(ModelSpec spec, Safetensors tensors) {
        this.tensors = tensors;
        this.layout = new SampleLayout(spec);
        long samples = 0;
        String before = "";
        for (String name : tensors.names()) {
            TensorInfo info = tensors.info(name);
            assign(spec, name, info);
            long rows = info.shape().isEmpty() ? -1 : info.shape().get(0);
            if (rows < 0 || (!before.isEmpty() && rows != samples)) {
                throw error(
                        "all tensors must have one row for each sample, found \"%s\" %s%s"
                                .formatted(
                                        name,
                                        info.shape(),
                                        before.isEmpty() ? "" : " and " + before));
            }
            samples = rows;
            before = "\"%s\" %s".formatted(name, info.shape());
        }
        if (samples == 0 || samples > Integer.MAX_VALUE) {
            throw error(
                    "must hold 1 to %d samples, found %d".formatted(Integer.MAX_VALUE, samples));
        }
        size = (int) samples;
    }

    /**
     * Opens a file.
     *
     * @param spec the network that reads it
     * @param file a safetensors file
     * @return the samples, to be closed by the caller
     * @throws DataException if a tensor is no input and no output of the network, or the tensors
     *     have different numbers of samples
     */
    public static ArraySamples open(ModelSpec spec, Path file) {
        Safetensors tensors = Safetensors.open(file);
        try {
            return new ArraySamples(spec, tensors);
        } catch (RuntimeException e) {
            tensors.close();
            throw e;
        }
    }

    private void assign(ModelSpec spec, String name, TensorInfo info) {
        if (info.type().kind() == TensorType.Kind.OPAQUE) {
            throw error(
                    "the tensor \"%s\" must hold numbers, found %s".formatted(name, info.type()));
        }
        boolean whole = info.type().kind() == TensorType.Kind.INTEGER;
        if (layout.reads(name)) {
            inputs.put(name, info);
            // Images may be stored as bytes.
            if (whole && layout.readsIds(name)) {
                integers.put(name, tensors.longs(name));
            }
        } else if (layout.outputs().containsKey(name)) {
            targets.put(name, info);
            if (whole) {
                integers.put(name, tensors.longs(name));
            }
        } else {
            throw error(
                    "a tensor must be an input of %s, %s, or a target of its outputs, %s, found \"%s\": rename or remove it"
                            .formatted(
                                    spec.name(),
                                    layout.inputNames(),
                                    layout.outputs().keySet(),
                                    name));
        }
    }

    private DataException error(String message) {
        return new DataException(tensors.file() + ": " + message);
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public Sample get(int index) {
        Map<String, Tensor> read = new LinkedHashMap<>();
        inputs.forEach((name, info) -> read.put(name, checked(name, row(info, index), index)));
        Map<String, Tensor> wanted = new LinkedHashMap<>();
        targets.forEach((name, info) -> wanted.put(name, row(info, index)));
        return new Sample(read, wanted);
    }

    /** Checks an input here, where file and sample are known. */
    private Tensor checked(String name, Tensor tensor, int index) {
        try {
            layout.checkInput(name, tensor);
            return tensor;
        } catch (DataException e) {
            throw new DataException(
                    "%s: sample %d: %s".formatted(tensors.file(), index, e.getMessage()), e);
        }
    }

    private Tensor row(TensorInfo info, int index) {
        long[] dims = info.dimensions();
        Shape shape = new Shape(Arrays.copyOfRange(dims, 1, dims.length));
        int width = Math.toIntExact(shape.size());
        long[] all = integers.get(info.name());
        if (all == null) {
            return new Tensor.Numbers(
                    tensors.floats(info.name(), (long) index * width, width), shape);
        }
        int from = Math.toIntExact((long) index * width);
        return new Tensor.Integers(Arrays.copyOfRange(all, from, from + width), shape);
    }

    /** Releases the file. */
    @Override
    public void close() {
        tensors.close();
    }
}

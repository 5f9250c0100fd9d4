package io.residuum.emit.onnx;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.residuum.weights.quantized.QuantizedFormat;
import io.residuum.weights.quantized.QuantizedTensor;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A parameter or buffer of the file.
 *
 * @param path the dotted path, which is also the name in the file
 * @param shape the shape in the network
 * @param transposed true if the file stores the matrix transposed
 * @param format the format of integers, whose scales the graph has; null for float32
 */
record OnnxWeight(String path, Shape shape, boolean transposed, @Nullable QuantizedFormat format) {
    private static final int CHUNK = 1 << 14;

    boolean isPacked() {
        return format != null && format.bits() == 4;
    }

    /** Returns the number of weights that share a scale. */
    int group() {
        int group = Objects.requireNonNull(format).group();
        return group > 0 ? group : columns();
    }

    private int columns() {
        return Math.toIntExact(shape.size() / shape.get(0));
    }

    /** Returns the number of groups of an output, the last of which zeros fill. */
    long groups() {
        return Objects.requireNonNull(format).scales(columns());
    }

    long bytes() {
        return format == null
                ? Math.multiplyExact(shape.size(), (long) Float.BYTES)
                : shape.get(0) * groups() * group() * format.bits() / Byte.SIZE;
    }

    /** Returns the tensor's name, type and dimensions, without values. */
    TensorProto.Builder header() {
        long[] dims = shape.getShape();
        DataType type = format == null ? DataType.FLOAT32 : DataType.INT8;
        if (isPacked()) {
            dims = new long[] {dims[0], groups(), group() / 2};
            type = DataType.UINT8;
        } else if (format != null && format.group() > 0) {
            dims = new long[] {dims[0] * groups(), group()};
        } else if (transposed) {
            dims = new long[] {dims[1], dims[0]};
        }
        return OnnxTypes.header(dims, type).setName(path);
    }

    private QuantizedTensor quantized(float[] values) {
        int rows = Math.toIntExact(shape.get(0));
        return Objects.requireNonNull(format).quantize(values, rows).padded();
    }

    /** Returns the scales of the integers. */
    double[] scales(Function<String, float[]> weights) {
        float[] scales = quantized(weights.apply(path)).scales();
        return IntStream.range(0, scales.length).mapToDouble(i -> scales[i]).toArray();
    }

    /** Writes the values in row-major order, little-endian. */
    void write(Function<String, float[]> weights, OutputStream out) throws IOException {
        float[] values = weights.apply(path);
        if (values.length != shape.size()) {
            throw new IllegalArgumentException(
                    "%s %s must have %d values, got %d"
                            .formatted(path, shape, shape.size(), values.length));
        }
        if (isPacked()) {
            out.write(quantized(values).packed());
            return;
        }
        byte[] integers = format == null ? new byte[0] : quantized(values).integers();
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        int rows = transposed ? Math.toIntExact(shape.get(0)) : 1;
        int columns = (format == null ? values.length : integers.length) / Math.max(rows, 1);
        for (int c = 0; c < columns; c++) {
            for (int r = 0; r < rows; r++) {
                if (format == null) {
                    chunk.putFloat(values[r * columns + c]);
                } else {
                    chunk.put(integers[r * columns + c]);
                }
                if (!chunk.hasRemaining()) {
                    out.write(chunk.array());
                    chunk.clear();
                }
            }
        }
        out.write(chunk.array(), 0, chunk.position());
    }
}

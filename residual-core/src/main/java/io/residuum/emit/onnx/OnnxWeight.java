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
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * A parameter or buffer of the file: float32, or int8 with scales beside it.
 *
 * @param path the dotted path, which is also the name in the file
 * @param shape the shape in the network
 * @param transposed true if the file stores the matrix transposed
 * @param quantized true if the file stores integers of {@link QuantizedFormat#PER_OUTPUT}
 */
record OnnxWeight(String path, Shape shape, boolean transposed, boolean quantized) {
    private static final int CHUNK = 1 << 14;

    long bytes() {
        return Math.multiplyExact(shape.size(), (long) type().getNumOfBytes());
    }

    private DataType type() {
        return quantized ? DataType.INT8 : DataType.FLOAT32;
    }

    /** Returns the tensor's name, type and dimensions, without values. */
    TensorProto.Builder header() {
        long[] dims = shape.getShape();
        if (transposed) {
            dims = new long[] {dims[1], dims[0]};
        }
        return OnnxTypes.header(dims, type()).setName(path);
    }

    private QuantizedTensor quantized(float[] values) {
        return QuantizedFormat.PER_OUTPUT.quantize(values, Math.toIntExact(shape.get(0)));
    }

    /** Returns the scales of the integers, one for each output. */
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
        byte[] integers = quantized ? quantized(values).integers() : new byte[0];
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        int rows = transposed ? Math.toIntExact(shape.get(0)) : 1;
        int columns = values.length / Math.max(rows, 1);
        for (int c = 0; c < columns; c++) {
            for (int r = 0; r < rows; r++) {
                if (quantized) {
                    chunk.put(integers[r * columns + c]);
                } else {
                    chunk.putFloat(values[r * columns + c]);
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

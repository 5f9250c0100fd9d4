package io.residuum.emit.onnx;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Function;

/**
 * A float32 parameter or buffer of the file.
 *
 * @param path the dotted path, which is also the name in the file
 * @param shape the shape in the network
 * @param transposed true if the file stores the matrix transposed
 */
record OnnxWeight(String path, Shape shape, boolean transposed) {
    private static final int CHUNK = 1 << 14;

    long bytes() {
        return Math.multiplyExact(shape.size(), (long) Float.BYTES);
    }

    /** Returns the tensor's name, type and dimensions, without values. */
    TensorProto.Builder header() {
        long[] dims = shape.getShape();
        if (transposed) {
            dims = new long[] {dims[1], dims[0]};
        }
        return OnnxTypes.header(dims, DataType.FLOAT32).setName(path);
    }

    /** Writes the values in row-major order, little-endian. */
    void write(Function<String, float[]> weights, OutputStream out) throws IOException {
        float[] values = weights.apply(path);
        if (values.length != shape.size()) {
            throw new IllegalArgumentException(
                    "%s %s must have %d values, got %d"
                            .formatted(path, shape, shape.size(), values.length));
        }
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        int rows = transposed ? Math.toIntExact(shape.get(0)) : 1;
        int columns = values.length / Math.max(rows, 1);
        for (int c = 0; c < columns; c++) {
            for (int r = 0; r < rows; r++) {
                chunk.putFloat(values[r * columns + c]);
                if (!chunk.hasRemaining()) {
                    out.write(chunk.array());
                    chunk.clear();
                }
            }
        }
        out.write(chunk.array(), 0, chunk.position());
    }
}

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
 * A parameter or buffer in the file, float32.
 *
 * @param path its dotted path, and its name in the file
 * @param shape as in the network
 * @param transposed whether the file has a matrix's columns as its rows
 */
record OnnxWeight(String path, Shape shape, boolean transposed) {
    private static final int CHUNK = 1 << 14;

    long bytes() {
        return Math.multiplyExact(shape.size(), (long) Float.BYTES);
    }

    /** Name, type and dimensions. */
    TensorProto.Builder header() {
        long[] dims = shape.getShape();
        if (transposed) {
            dims = new long[] {dims[1], dims[0]};
        }
        return OnnxTypes.header(dims, DataType.FLOAT32).setName(path);
    }

    /** Writes the values as the format wants them: row by row, little-endian. */
    void write(Function<String, float[]> weights, OutputStream out) throws IOException {
        float[] values = weights.apply(path);
        if (values.length != shape.size()) {
            throw new IllegalArgumentException(
                    "%s %s must have %d values, found %d"
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

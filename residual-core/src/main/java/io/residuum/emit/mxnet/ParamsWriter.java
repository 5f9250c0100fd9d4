package io.residuum.emit.mxnet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.graph.Leaf;
import io.residuum.graph.Node;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes MXNet's file of named arrays, in the format of its {@code NDArray::Save}. */
record ParamsWriter(
        Map<String, Node> parameters, Map<String, NDArray> weights, List<NDArray> prepared) {
    private static final long LIST = 0x112;
    private static final int ARRAY = 0xF993FAC9;
    private static final int DENSE = 0;
    private static final int CPU = 1;

    void write(OutputStream out) throws IOException {
        write(out, littleEndian(24).putLong(LIST).putLong(0).putLong(parameters.size()));
        for (Node leaf : parameters.values()) {
            array(out, leaf);
        }
        write(out, littleEndian(8).putLong(parameters.size()));
        for (String name : parameters.keySet()) {
            byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
            write(out, littleEndian(8 + bytes.length).putLong(bytes.length).put(bytes));
        }
    }

    private void array(OutputStream out, Node leaf) throws IOException {
        Shape shape = leaf.shape().fixed();
        ByteBuffer head = littleEndian(24 + 8 * shape.dimension());
        head.putInt(ARRAY).putInt(DENSE).putInt(shape.dimension());
        for (long size : shape.getShape()) {
            head.putLong(size);
        }
        write(out, head.putInt(CPU).putInt(0).putInt(number(leaf.type())));
        ByteBuffer values = values(leaf);
        Channels.newChannel(out).write(values);
    }

    private ByteBuffer values(Node leaf) {
        return ((Leaf) leaf.operation())
                .fold(
                        input -> suppliedByRun(leaf),
                        weight -> bytes(weights.get(weight.path()), leaf, weight.path()),
                        value ->
                                bytes(
                                        prepared.get(value.index()),
                                        leaf,
                                        "prepared " + value.index()),
                        drawn -> suppliedByRun(leaf),
                        constant -> bytes(constant.values(), leaf),
                        fill -> {
                            double[] all = new double[Math.toIntExact(leaf.shape().fixed().size())];
                            Arrays.fill(all, fill.value());
                            return bytes(all, leaf);
                        });
    }

    private static ByteBuffer suppliedByRun(Node leaf) {
        throw new IllegalArgumentException("each run supplies " + leaf.operation());
    }

    private static ByteBuffer bytes(double[] values, Node leaf) {
        ByteBuffer buffer = littleEndian(values.length * leaf.type().getNumOfBytes());
        for (double value : values) {
            put(buffer, value, leaf.type());
        }
        return buffer.flip();
    }

    private static ByteBuffer bytes(@Nullable NDArray array, Node leaf, String name) {
        if (array == null || array.getDataType() != leaf.type()) {
            throw new IllegalArgumentException(
                    "the weight %s must be an array of type %s, got %s"
                            .formatted(
                                    name,
                                    leaf.type(),
                                    array == null ? "none" : array.getDataType()));
        }
        return array.toByteBuffer().duplicate();
    }

    private static void put(ByteBuffer buffer, double value, DataType type) {
        switch (type) {
            case FLOAT32 -> buffer.putFloat((float) value);
            case FLOAT64 -> buffer.putDouble(value);
            case INT32 -> buffer.putInt((int) value);
            case INT64 -> buffer.putLong((long) value);
            default -> throw unsupported(type);
        }
    }

    private static int number(DataType type) {
        return switch (type) {
            case FLOAT32 -> 0;
            case FLOAT64 -> 1;
            case INT32 -> 4;
            case INT64 -> 6;
            default -> throw unsupported(type);
        };
    }

    private static IllegalArgumentException unsupported(DataType type) {
        return new IllegalArgumentException(
                "constants and weights for MXNet must be float32, float64, int32 or int64, got "
                        + type);
    }

    private static ByteBuffer littleEndian(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static void write(OutputStream out, ByteBuffer full) throws IOException {
        out.write(full.array(), 0, full.position());
    }
}

package io.residuum.emit.onnx;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import io.residuum.graph.DimExpr;
import io.residuum.graph.Node;
import io.residuum.graph.SymbolicDim;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Converts types, shapes, values and attributes to ONNX. */
final class OnnxTypes {
    private OnnxTypes() {}

    /** Returns the format's number for a type. */
    static int of(DataType type) {
        TensorProto.DataType found =
                switch (type) {
                    case FLOAT32 -> TensorProto.DataType.FLOAT;
                    case FLOAT64 -> TensorProto.DataType.DOUBLE;
                    case FLOAT16 -> TensorProto.DataType.FLOAT16;
                    case BFLOAT16 -> TensorProto.DataType.BFLOAT16;
                    case INT8 -> TensorProto.DataType.INT8;
                    case UINT8 -> TensorProto.DataType.UINT8;
                    case INT32 -> TensorProto.DataType.INT32;
                    case INT64 -> TensorProto.DataType.INT64;
                    case BOOLEAN -> TensorProto.DataType.BOOL;
                    default ->
                            throw new IllegalArgumentException(
                                    "arrays in an ONNX file must have a float, int or boolean type,"
                                            + " got "
                                            + type);
                };
        return found.getNumber();
    }

    /** Returns the type in which constants of a type are stored, before a cast. */
    static DataType stored(DataType type) {
        if (type == DataType.FLOAT64) {
            return type;
        }
        return type.isFloating() ? DataType.FLOAT32 : DataType.INT64;
    }

    /** Describes an input or output of the graph. Open sizes have names. */
    static ValueInfoProto described(String name, Node node) {
        TypeProto.Tensor.Builder tensor =
                TypeProto.Tensor.newBuilder().setElemType(of(node.type()));
        for (DimExpr size : node.shape().sizes()) {
            if (size.isFixed()) {
                tensor.getShapeBuilder().addDimBuilder().setDimValue(size.value());
            } else {
                tensor.getShapeBuilder().addDimBuilder().setDimParam(name(size));
            }
        }
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder().setTensorType(tensor))
                .build();
    }

    /** Returns the name of an open size, for instance batch, 2*batch or height_4. */
    private static String name(DimExpr size) {
        String open =
                size.symbols().stream().map(SymbolicDim::label).collect(Collectors.joining("*"));
        return size.factor() == 1 ? open : size.factor() + "*" + open;
    }

    /** Returns an unnamed tensor of a {@link #stored} type, or of integers of 8 or 32 bits. */
    static TensorProto tensor(double[] values, long[] dims, DataType type) {
        ByteBuffer bytes =
                ByteBuffer.allocate(values.length * type.getNumOfBytes())
                        .order(ByteOrder.LITTLE_ENDIAN);
        for (double value : values) {
            switch (type) {
                case FLOAT32 -> bytes.putFloat((float) value);
                case FLOAT64 -> bytes.putDouble(value);
                case INT32 -> bytes.putInt((int) value);
                case INT8, UINT8 -> bytes.put((byte) (int) value);
                default -> bytes.putLong((long) value);
            }
        }
        return header(dims, type).setRawData(ByteString.copyFrom(bytes.flip())).build();
    }

    static TensorProto tensor(long... values) {
        ByteBuffer bytes =
                ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asLongBuffer().put(values);
        return header(new long[] {values.length}, DataType.INT64)
                .setRawData(ByteString.copyFrom(bytes))
                .build();
    }

    /** Returns an unnamed tensor without values. */
    static TensorProto.Builder header(long[] dims, DataType type) {
        TensorProto.Builder tensor = TensorProto.newBuilder().setDataType(of(type));
        for (long size : dims) {
            tensor.addDims(size);
        }
        return tensor;
    }

    /** Converts (rows, columns) of padding to (top, left, bottom, right). */
    static long[] bothSides(Shape padding) {
        return padding.addAll(padding).getShape();
    }

    static AttributeProto attribute(String name, String value) {
        return attribute(name, AttributeProto.AttributeType.STRING)
                .setS(ByteString.copyFromUtf8(value))
                .build();
    }

    static AttributeProto attribute(String name, long value) {
        return attribute(name, AttributeProto.AttributeType.INT).setI(value).build();
    }

    static AttributeProto attribute(String name, float value) {
        return attribute(name, AttributeProto.AttributeType.FLOAT).setF(value).build();
    }

    static AttributeProto attribute(String name, long[] values) {
        return attribute(name, AttributeProto.AttributeType.INTS)
                .addAllInts(Arrays.stream(values).boxed().toList())
                .build();
    }

    static AttributeProto attribute(String name, TensorProto value) {
        return attribute(name, AttributeProto.AttributeType.TENSOR).setT(value).build();
    }

    private static AttributeProto.Builder attribute(
            String name, AttributeProto.AttributeType type) {
        return AttributeProto.newBuilder().setName(name).setType(type);
    }
}

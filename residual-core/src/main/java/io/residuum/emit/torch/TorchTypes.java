package io.residuum.emit.torch;

import ai.djl.ndarray.types.DataType;

/** The names and numbers of element types in TorchScript. */
final class TorchTypes {
    private TorchTypes() {}

    /** A type's number in PyTorch's {@code c10/core/ScalarType.h}, and its storage class. */
    private record Scalar(int code, String storage) {}

    static int code(DataType type) {
        return scalar(type).code;
    }

    static String storage(DataType type) {
        return scalar(type).storage;
    }

    private static Scalar scalar(DataType type) {
        return switch (type) {
            case UINT8 -> new Scalar(0, "ByteStorage");
            case INT8 -> new Scalar(1, "CharStorage");
            case INT16 -> new Scalar(2, "ShortStorage");
            case INT32 -> new Scalar(3, "IntStorage");
            case INT64 -> new Scalar(4, "LongStorage");
            case FLOAT16 -> new Scalar(5, "HalfStorage");
            case FLOAT32 -> new Scalar(6, "FloatStorage");
            case FLOAT64 -> new Scalar(7, "DoubleStorage");
            case BOOLEAN -> new Scalar(11, "BoolStorage");
            case BFLOAT16 -> new Scalar(15, "BFloat16Storage");
            default ->
                    throw new IllegalArgumentException(
                            "the type must be one of PyTorch's, got " + type + ": use float32");
        };
    }
}

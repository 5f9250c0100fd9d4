package io.residuum.emit.torch;

import ai.djl.ndarray.types.DataType;

/** The names and numbers of element types in TorchScript. */
final class TorchTypes {
    private TorchTypes() {}

    /** Returns the number of a type, from PyTorch's {@code c10/core/ScalarType.h}. */
    static int code(DataType type) {
        return switch (type) {
            case UINT8 -> 0;
            case INT8 -> 1;
            case INT16 -> 2;
            case INT32 -> 3;
            case INT64 -> 4;
            case FLOAT16 -> 5;
            case FLOAT32 -> 6;
            case FLOAT64 -> 7;
            case BOOLEAN -> 11;
            case BFLOAT16 -> 15;
            default -> throw unknown(type);
        };
    }

    /** Returns the name of PyTorch's storage class for elements of a type. */
    static String storage(DataType type) {
        return switch (type) {
            case UINT8 -> "ByteStorage";
            case INT8 -> "CharStorage";
            case INT16 -> "ShortStorage";
            case INT32 -> "IntStorage";
            case INT64 -> "LongStorage";
            case FLOAT16 -> "HalfStorage";
            case FLOAT32 -> "FloatStorage";
            case FLOAT64 -> "DoubleStorage";
            case BOOLEAN -> "BoolStorage";
            case BFLOAT16 -> "BFloat16Storage";
            default -> throw unknown(type);
        };
    }

    private static IllegalArgumentException unknown(DataType type) {
        return new IllegalArgumentException(
                "the type must be one of PyTorch's, got " + type + ": use float32");
    }
}

package io.residuum.weights;

import io.residuum.json.JsonText;
import java.nio.ByteOrder;
import java.util.List;

/**
 * A view of a storage as described by a pickle, not yet checked against the file.
 *
 * @param storage the storage of its elements
 * @param type the element type
 * @param offset the index of its first element in the storage, in elements of its type
 * @param shape its dimensions
 * @param strides the distance of neighbours along each dimension, in elements
 */
record TorchTensor(
        Storage storage, TensorType type, long offset, List<Long> shape, List<Long> strides) {
    // The limit of PyTorch.
    static final int MAX_RANK = 64;

    /**
     * The memory that tensors are views of.
     *
     * @param type the element type; U8 if the tensors have their own types
     * @param key its name in the file
     * @param elements the number of elements, at least 0
     */
    record Storage(TensorType type, String key, long elements) {
        long bytes() {
            return type.bytes(elements);
        }
    }

    /**
     * Checks the view against its storage.
     *
     * @param begin the position of the storage in {@code file}, which holds it completely
     * @throws WeightsException if an element is outside the storage; the message lacks the file
     */
    TensorView locate(String name, MappedFile file, long begin, ByteOrder order) {
        require(
                shape.size() == strides.size(),
                name,
                "shape %s must have as many strides, found %s".formatted(shape, strides));
        TensorInfo info = TensorInfo.of(name, type, shape);
        long elements = info.elements();
        long stored = storage.bytes() / (type.bits() / 8);
        try {
            require(
                    elements == 0 || offset >= 0 && lastElement() < stored,
                    name,
                    "shape %s with strides %s from element %d must be within the %d of storage %s"
                            .formatted(
                                    shape, strides, offset, stored, JsonText.quote(storage.key())));
            // Reading an expanded tensor could cost any multiple of the file.
            require(
                    elements <= stored,
                    name,
                    "shape %s must not repeat the %d elements of its storage; save a clone of it"
                            .formatted(shape, stored));
        } catch (ArithmeticException e) {
            throw WeightsException.tensor(name, "strides %s must not overflow".formatted(strides));
        }
        return elements == 0
                ? new TensorView(file, info, begin, order)
                : new TensorView(
                        file,
                        info,
                        begin + offset * (type.bits() / 8),
                        order,
                        isContiguous()
                                ? new long[0]
                                : strides.stream().mapToLong(Long::longValue).toArray());
    }

    private long lastElement() {
        long last = offset;
        for (int d = 0; d < shape.size(); d++) {
            last = Math.addExact(last, Math.multiplyExact(shape.get(d) - 1, strides.get(d)));
        }
        return last;
    }

    private boolean isContiguous() {
        long expected = 1;
        for (int d = shape.size() - 1; d >= 0; d--) {
            if (shape.get(d) != 1 && strides.get(d) != expected) {
                return false;
            }
            expected *= shape.get(d);
        }
        return true;
    }

    private static void require(boolean condition, String name, String problem) {
        if (!condition) {
            throw WeightsException.tensor(name, problem);
        }
    }
}

package io.residuum.weights;

/**
 * A PyTorch storage: the memory that tensors are views of.
 *
 * @param type the element type; U8 if the tensors have their own types
 * @param key its name in the file
 * @param elements the number of elements, at least 0
 */
record TorchStorage(TensorType type, String key, long elements) {
    long bytes() {
        return type.bytes(elements);
    }
}

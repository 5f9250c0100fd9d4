package io.residuum.weights;

/**
 * A run of elements that tensors are views of, as a pickle refers to it.
 *
 * @param type of its elements; U8 where the tensors say their own types
 * @param key its name in the file
 * @param elements how many, at least 0
 */
record TorchStorage(TensorType type, String key, long elements) {

    long bytes() {
        return type.bytes(elements);
    }
}

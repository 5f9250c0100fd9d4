package io.residuum.weights;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Named tensors, whatever file they come from.
 *
 * <p>Opening reads names, types and shapes; values are read and converted when they are asked for.
 * Reading never runs anything that a file holds, and no size is believed before it was checked
 * against the length of the file. Objects may be used by several threads.
 */
public interface StateDict extends AutoCloseable {

    /** Which weights of a checkpoint that holds both are meant. */
    enum Variant {
        /** The weights as trained. */
        PLAIN,
        /** Their exponential moving average. */
        EMA
    }

    /**
     * Opens the weights of a file, as trained.
     *
     * @param file as in {@link #open(Path, Variant)}
     * @return its tensors
     * @throws WeightsException if a file cannot be read or is not what it claims to be
     */
    static StateDict open(Path file) {
        return open(file, Variant.PLAIN);
    }

    /**
     * Opens the weights of a file. The format is told by the contents, not by the name.
     *
     * @param file a safetensors file; a PyTorch file of the zip or of the legacy format; a file of
     *     llama2.c; an index of shards of either; or a folder that holds {@code model.safetensors},
     *     {@code pytorch_model.bin} or the index of one of them
     * @param variant which weights of a checkpoint that holds several
     * @return its tensors
     * @throws WeightsException if a file cannot be read, is not what it claims to be, or does not
     *     hold that variant
     */
    static StateDict open(Path file, Variant variant) {
        return WeightFormat.open(file, variant);
    }

    /**
     * Returns where the tensors come from.
     *
     * @return the file, as it was given
     */
    Path file();

    /**
     * Returns the names of the tensors.
     *
     * @return the names, in the order of the file
     */
    Set<String> names();

    /**
     * Returns what the file says of a tensor.
     *
     * @param name the tensor
     * @return its type, shape and length
     * @throws WeightsException if there is no such tensor
     */
    TensorInfo info(String name);

    /**
     * Reads a tensor as floats, from any type of floats, integers or booleans. Values that a float
     * cannot hold are rounded to the nearest.
     *
     * @param name the tensor
     * @return a new array of all elements, in row-major order
     * @throws WeightsException if there is no such tensor, its type has no values to convert, or it
     *     has more elements than an array holds
     */
    float[] floats(String name);

    /**
     * Reads a part of a tensor as floats: how to stream a tensor that is larger than an array, or
     * than the memory.
     *
     * @param name the tensor
     * @param first the first element, counted in row-major order
     * @param count how many elements
     * @return a new array of {@code count} elements
     * @throws WeightsException if there is no such tensor or its type has no values to convert
     * @throws IndexOutOfBoundsException if the elements are not all within the tensor
     */
    float[] floats(String name, long first, int count);

    /**
     * Reads a tensor of integers or booleans.
     *
     * @param name the tensor
     * @return a new array of all elements, in row-major order; U64 beyond the largest long wrap to
     *     negative numbers, as in {@link Long#toUnsignedString(long)}; booleans are 0 and 1
     * @throws WeightsException if there is no such tensor, it is not of integers, or it has more
     *     elements than an array holds
     */
    long[] longs(String name);

    /**
     * Returns what the file says of itself.
     *
     * @return text by key, in the file's order: the metadata of a safetensors file, or the plain
     *     values of a checkpoint (epoch, accuracy) beside its tensors
     */
    Map<String, String> metadata();

    /**
     * Returns what else the file holds and this object leaves out: an optimizer's state, say.
     *
     * @return the entries, each by its path in the file, in the file's order
     */
    List<String> ignored();

    /** Lets go of the file. Names and infos remain, values can no longer be read. */
    @Override
    void close();
}

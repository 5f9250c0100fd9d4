package io.residuum.weights;

import io.residuum.weights.quantized.QuantizedFormat;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Named tensors of a weight file of any supported format.
 *
 * <p>Opening a file reads names, types and shapes. Values are read and converted on request.
 * Reading never executes anything from a file, and checks every size against the file's length
 * first. Instances are safe for use by several threads.
 */
public interface StateDict extends AutoCloseable {

    /** The choice between the two sets of weights that a checkpoint may hold. */
    enum Variant {
        /** The trained weights. */
        PLAIN,
        /** Their exponential moving average. */
        EMA
    }

    /**
     * {@return the tensors of a file, in the variant PLAIN}
     *
     * @param file as in {@link #open(Path, Variant)}
     * @throws WeightsException if the file cannot be read or is malformed
     */
    static StateDict open(Path file) {
        return open(file, Variant.PLAIN);
    }

    /**
     * {@return the tensors of a file, whose contents, not its name, determine the format}
     *
     * @param file a safetensors file, a PyTorch file (zip or legacy format), a GGUF file, a
     *     llama2.c file, a shard index, or a folder with {@code model.safetensors}, {@code
     *     pytorch_model.bin} or the index of one of them
     * @param variant the weights to read from a checkpoint that holds several
     * @throws WeightsException if the file cannot be read, is malformed, or lacks the variant
     */
    static StateDict open(Path file, Variant variant) {
        return WeightFormat.open(file, variant);
    }

    /** {@return true if a folder holds a file that {@link #open(Path)} would open} */
    static boolean isIn(Path folder) {
        return WeightFormat.inFolder(folder).isPresent();
    }

    /** {@return the names of weight files in a folder, the first of which is opened} */
    static List<String> fileNames() {
        return WeightFormat.IN_A_FOLDER;
    }

    /**
     * {@return the names of the files beside an index that hold its tensors; empty for a file that
     * is no index}
     *
     * @throws WeightsException if it is an index and malformed, or names a file of another folder
     */
    static List<String> shards(Path file) {
        return WeightFormat.shards(file);
    }

    /**
     * {@return the tensors of several files. Closing it closes all}
     *
     * @param tensors the first file, whose metadata are those of all
     * @param parts files or folders as in {@link #open(Path)}, by the prefix that the names of
     *     their tensors get
     * @throws WeightsException if a file cannot be read, or two tensors get the same name; the
     *     first file is then closed
     */
    static StateDict joined(StateDict tensors, Map<String, Path> parts) {
        return StateDictView.joined(tensors, parts);
    }

    /** {@return the file or folder, as given to {@code open}} */
    Path file();

    /** {@return the names of the tensors, in the order of the file} */
    Set<String> names();

    /**
     * {@return the type, shape and length of a tensor}
     *
     * @param name the tensor
     * @throws WeightsException if there is no such tensor
     */
    TensorInfo info(String name);

    /**
     * {@return the format of integers that hold a tensor, which is read as floats; empty for
     * others. Default: empty}
     *
     * @param name the tensor
     * @throws WeightsException if there is no such tensor
     */
    default Optional<QuantizedFormat> format(String name) {
        return Optional.empty();
    }

    /**
     * {@return a new array of all elements in row-major order, rounded to the nearest float}
     *
     * @param name a tensor of floats, integers or booleans
     * @throws WeightsException if there is no such tensor, its type cannot be converted, or it has
     *     more elements than an array holds
     */
    float[] floats(String name);

    /**
     * {@return a new array of {@code count} elements} Use it to stream a tensor that is larger than
     * an array or than the memory.
     *
     * @param name the tensor
     * @param first the index of the first element in row-major order
     * @param count the number of elements
     * @throws WeightsException if there is no such tensor or its type cannot be converted
     * @throws IndexOutOfBoundsException if an element is outside the tensor
     */
    float[] floats(String name, long first, int count);

    /**
     * {@return a new array of all elements in row-major order} Booleans are 0 and 1. U64 values
     * beyond the largest long wrap to negative numbers, as in {@link Long#toUnsignedString(long)}.
     *
     * @param name a tensor of integers or booleans
     * @throws WeightsException if there is no such tensor, it holds no integers, or it has more
     *     elements than an array holds
     */
    long[] longs(String name);

    /**
     * {@return text by key, in the file's order: the metadata of a safetensors file, or the plain
     * values of a checkpoint, such as its epoch}
     */
    Map<String, String> metadata();

    /**
     * {@return the paths of all other entries of the file, in its order, such as an optimizer's
     * state}
     */
    List<String> ignored();

    /**
     * {@return the prefixes that names in the file have and {@link #names} lack, such as those of
     * training wrappers}
     */
    default Set<String> removedPrefixes() {
        return Set.of();
    }

    /**
     * {@return a view of the tensors whose names begin with a prefix, under names without it; the
     * others are {@linkplain #ignored ignored}. Closing it closes this file}
     *
     * @param prefix the prefix, for instance {@code model.}
     * @throws WeightsException if no name begins with it
     */
    default StateDict select(String prefix) {
        return StateDictView.withoutPrefix(this, prefix, false);
    }

    /**
     * {@return a view of some of the tensors under other names; the others are {@linkplain #ignored
     * ignored}. Closing it closes this file}
     *
     * @param names returns the new name of a tensor; empty to leave it out
     * @param removed what the new names lack, for messages
     * @throws WeightsException if two names would become equal
     */
    default StateDict select(Function<String, Optional<String>> names, Set<String> removed) {
        return StateDictView.renamed(this, names, removed);
    }

    /**
     * {@return a view of all tensors, in which names do not begin with a prefix. Closing it closes
     * this file}
     *
     * @param prefix the prefix, for instance {@code model.}
     * @throws WeightsException if no name begins with it, or two names would become equal
     */
    default StateDict strip(String prefix) {
        return StateDictView.withoutPrefix(this, prefix, true);
    }

    /** Releases the file. Names and infos stay available; values do not. */
    @Override
    void close();
}

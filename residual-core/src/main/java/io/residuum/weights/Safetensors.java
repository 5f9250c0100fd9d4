package io.residuum.weights;

import io.residuum.json.JsonText;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The named tensors of a safetensors file, or of all files of a sharded model.
 *
 * <p>Files are mapped into memory and may have any size. Opening reads only the header, and checks
 * it against the file. Values are converted on request into one new array, without other copies.
 * Instances are safe for use by several threads.
 *
 * <p>Do not shorten a file while it is open. Replacing it, as {@link SafetensorsWriter} does, is
 * safe, except on Windows: Windows refuses to replace a file until the garbage collector has
 * unmapped it.
 *
 * @see <a href="https://huggingface.co/docs/safetensors">The format</a>
 */
public final class Safetensors implements StateDict {
    /** The file name extension. */
    static final String EXTENSION = ".safetensors";

    private final MappedStateDict tensors;

    private Safetensors(MappedStateDict tensors) {
        this.tensors = tensors;
    }

    /**
     * {@return the tensors of a file}
     *
     * @param file a {@code .safetensors} file, or a {@code .safetensors.index.json} with its shards
     *     in the same folder
     * @throws WeightsException if a file cannot be read or is malformed
     */
    public static Safetensors open(Path file) {
        return new Safetensors(
                file.toString().endsWith(ShardIndex.SUFFIX)
                        ? ShardIndex.read(file, Set.of(EXTENSION)).open(Safetensors::read)
                        : read(file));
    }

    /** Reads the header of one file. */
    static MappedStateDict read(Path file) {
        MappedFile mapped = MappedFile.open(file);
        SafetensorsHeader header = SafetensorsHeader.read(file, mapped);
        return new MappedStateDict(file, header.metadata(), header.views(mapped), List.of());
    }

    @Override
    public Path file() {
        return tensors.file();
    }

    /**
     * {@return the {@code __metadata__} in the file's order; of a sharded model, the scalars of the
     * index's metadata, then further ones of the shards}
     */
    @Override
    public Map<String, String> metadata() {
        return tensors.metadata();
    }

    /** {@return the names in the order of the data, with shards ordered by file name} */
    @Override
    public Set<String> names() {
        return tensors.names();
    }

    @Override
    public TensorInfo info(String name) {
        return tensors.info(name);
    }

    @Override
    public float[] floats(String name) {
        return tensors.floats(name);
    }

    @Override
    public float[] floats(String name, long first, int count) {
        return tensors.floats(name, first, count);
    }

    @Override
    public long[] longs(String name) {
        return tensors.longs(name);
    }

    @Override
    public List<String> ignored() {
        return tensors.ignored();
    }

    /**
     * {@return the bytes of a tensor, as {@link #bytes(String, long, int)}}
     *
     * @param name the tensor
     * @throws WeightsException if there is no such tensor, or it is longer than 1 GiB and must be
     *     read in parts
     */
    public ByteBuffer bytes(String name) {
        TensorInfo info = info(name);
        if (info.bytes() > MappedFile.MAX_SLICE) {
            throw WeightsException.in(
                    file(),
                    "tensor %s: bytes are returned up to 1 GiB at once, found %d; read parts"
                            .formatted(JsonText.quote(name), info.bytes()));
        }
        return bytes(name, 0, (int) info.bytes());
    }

    /**
     * {@return bytes of a tensor as a read-only, little-endian view of the file, which stays valid
     * after {@link #close()}}
     *
     * @param name the tensor
     * @param offset the first byte, from the beginning of the tensor
     * @param length the number of bytes, at most 1 GiB
     * @throws WeightsException if there is no such tensor
     * @throws IndexOutOfBoundsException if a byte is outside the tensor, or they are too many
     */
    public ByteBuffer bytes(String name, long offset, int length) {
        return tensors.bytes(name, offset, length);
    }

    @Override
    public void close() {
        tensors.close();
    }
}

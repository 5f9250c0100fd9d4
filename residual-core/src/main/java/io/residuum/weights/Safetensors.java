package io.residuum.weights;

import io.residuum.json.JsonText;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The named tensors of a safetensors file, or of the several files of a sharded model.
 *
 * <p>Files are mapped into memory and may be of any size; opening reads the header alone, and what
 * the header claims is checked against the file before it is used. Values are converted when they
 * are asked for, into one new array: reading costs the caller's copy and no other. Objects of this
 * class may be used by several threads.
 *
 * <p>A file must not be shortened while it is open. Replacing it, as {@link SafetensorsWriter}
 * does, is safe, except on Windows, which refuses to replace a file until the garbage collector has
 * unmapped it.
 *
 * @see <a href="https://huggingface.co/docs/safetensors">The format</a>
 */
public final class Safetensors implements StateDict {
    /** How the names of such files end. */
    static final String EXTENSION = ".safetensors";

    private final MappedStateDict tensors;

    private Safetensors(MappedStateDict tensors) {
        this.tensors = tensors;
    }

    /**
     * Opens a file.
     *
     * @param file a {@code .safetensors} file, or a {@code .safetensors.index.json} with the files
     *     it names beside it
     * @return its tensors
     * @throws WeightsException if a file cannot be read or is not what it claims to be
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
     * Returns what the file says of itself.
     *
     * @return the {@code __metadata__} in the file's order; of a sharded model, the scalars of the
     *     index's metadata, then what the shards add
     */
    @Override
    public Map<String, String> metadata() {
        return tensors.metadata();
    }

    /**
     * Returns the names of the tensors.
     *
     * @return the names, in the order of the data; shards are ordered by file name
     */
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
     * Returns the bytes of a tensor, without copying them.
     *
     * @param name the tensor
     * @return a read-only, little-endian view of the file that stays valid after {@link #close()}
     * @throws WeightsException if there is no such tensor or it is longer than 1 GiB; read a longer
     *     one in parts
     */
    public ByteBuffer bytes(String name) {
        TensorInfo info = info(name);
        if (info.bytes() > MappedFile.MAX_SLICE) {
            throw WeightsException.in(
                    file(),
                    "tensor %s: bytes are returned up to 1 GiB at once, found %d; ask for parts"
                            .formatted(JsonText.quote(name), info.bytes()));
        }
        return bytes(name, 0, (int) info.bytes());
    }

    /**
     * Returns some bytes of a tensor, without copying them.
     *
     * @param name the tensor
     * @param offset the first byte, counted from the tensor's first
     * @param length how many bytes, at most 1 GiB
     * @return a read-only, little-endian view of the file that stays valid after {@link #close()}
     * @throws WeightsException if there is no such tensor
     * @throws IndexOutOfBoundsException if the bytes are not all within the tensor, or too many
     */
    public ByteBuffer bytes(String name, long offset, int length) {
        return tensors.bytes(name, offset, length);
    }

    /** Lets go of the mapped files. Names and infos remain, values can no longer be read. */
    @Override
    public void close() {
        tensors.close();
    }
}

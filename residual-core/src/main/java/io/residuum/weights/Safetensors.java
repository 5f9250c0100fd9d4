package io.residuum.weights;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

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
public final class Safetensors implements AutoCloseable {
    // Arrays of exactly Integer.MAX_VALUE elements are refused by the virtual machine.
    private static final int MAX_ARRAY = Integer.MAX_VALUE - 8;

    private record Located(MappedFile file, Header.Entry entry) {}

    private final Path file;
    private final Map<String, String> metadata;
    private final Map<String, TensorInfo> infos;
    private volatile @Nullable Map<String, Located> located;

    private Safetensors(Path file, Map<String, String> metadata, Map<String, Located> located) {
        Map<String, TensorInfo> infos = new LinkedHashMap<>();
        located.forEach((name, at) -> infos.put(name, at.entry.info()));
        this.file = file;
        this.metadata = Collections.unmodifiableMap(metadata);
        this.infos = Collections.unmodifiableMap(infos);
        this.located = located;
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
        return file.toString().endsWith(ShardIndex.SUFFIX) ? openShards(file) : openOne(file);
    }

    private static Safetensors openOne(Path file) {
        MappedFile mapped = MappedFile.open(file);
        Header header = Header.read(file, mapped);
        Map<String, Located> located = new LinkedHashMap<>();
        for (Header.Entry entry : header.entries()) {
            located.put(entry.info().name(), new Located(mapped, entry));
        }
        return new Safetensors(file, header.metadata(), located);
    }

    private static Safetensors openShards(Path file) {
        ShardIndex index = ShardIndex.read(file);
        Map<String, String> metadata = new LinkedHashMap<>(index.metadata());
        Map<String, Located> located = new LinkedHashMap<>();
        for (String shard : new TreeSet<>(index.shards().values())) {
            Safetensors opened = openOne(file.resolveSibling(shard));
            opened.metadata.forEach(metadata::putIfAbsent);
            // The index decides: a shard may hold more than the index lists.
            opened.located()
                    .forEach(
                            (name, at) -> {
                                if (shard.equals(index.shards().get(name))) {
                                    located.put(name, at);
                                }
                            });
        }
        for (Map.Entry<String, String> listed : index.shards().entrySet()) {
            if (!located.containsKey(listed.getKey())) {
                throw WeightsException.in(
                        file,
                        "tensor %s must be in %s, found no such tensor there"
                                .formatted(JsonText.shown(listed.getKey()), listed.getValue()));
            }
        }
        return new Safetensors(file, metadata, located);
    }

    /**
     * Returns what the file says of itself.
     *
     * @return the {@code __metadata__} in the file's order; of a sharded model, the scalars of the
     *     index's metadata, then what the shards add
     */
    public Map<String, String> metadata() {
        return metadata;
    }

    /**
     * Returns the names of the tensors.
     *
     * @return the names, in the order of the data; shards are ordered by file name
     */
    public Set<String> names() {
        return infos.keySet();
    }

    /**
     * Returns what the file says of a tensor.
     *
     * @param name the tensor
     * @return its type, shape and length
     * @throws WeightsException if there is no such tensor
     */
    public TensorInfo info(String name) {
        TensorInfo info = infos.get(name);
        if (info == null) {
            throw WeightsException.in(
                    file,
                    "no tensor %s among the %d of the file"
                            .formatted(JsonText.shown(name), infos.size()));
        }
        return info;
    }

    /**
     * Reads a tensor as floats, from any type of floats, integers or booleans. Values that a float
     * cannot hold are rounded to the nearest.
     *
     * @param name the tensor
     * @return a new array of all elements, in row-major order
     * @throws WeightsException if there is no such tensor, its type has no values to convert, or it
     *     has more elements than an array holds
     */
    public float[] floats(String name) {
        return floats(name, 0, arrayLength(info(name)));
    }

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
    public float[] floats(String name, long first, int count) {
        TensorInfo info = info(name);
        if (info.type().kind() == TensorType.Kind.OPAQUE) {
            throw unreadable(info, "values");
        }
        Objects.checkFromIndexSize(first, count, info.elements());
        float[] values = new float[count];
        forEachSlice(
                info, first, count, (in, at) -> Elements.toFloats(info.type(), in, values, at));
        return values;
    }

    /**
     * Reads a tensor of integers or booleans.
     *
     * @param name the tensor
     * @return a new array of all elements, in row-major order; U64 beyond the largest long wrap to
     *     negative numbers, as in {@link Long#toUnsignedString(long)}; booleans are 0 and 1
     * @throws WeightsException if there is no such tensor, it is not of integers, or it has more
     *     elements than an array holds
     */
    public long[] longs(String name) {
        TensorInfo info = info(name);
        if (info.type().kind() != TensorType.Kind.INTEGER) {
            throw unreadable(info, "integers");
        }
        long[] values = new long[arrayLength(info)];
        forEachSlice(
                info, 0, values.length, (in, at) -> Elements.toLongs(info.type(), in, values, at));
        return values;
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
                    file,
                    "tensor %s: bytes are returned up to 1 GiB at once, found %d; ask for parts"
                            .formatted(JsonText.shown(name), info.bytes()));
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
        TensorInfo info = info(name);
        Objects.checkFromIndexSize(offset, length, info.bytes());
        Objects.checkFromIndexSize(0, length, MappedFile.MAX_SLICE);
        return slice(info, offset, length);
    }

    /** Lets go of the mapped files. Names and infos remain, values can no longer be read. */
    @Override
    public void close() {
        located = null;
    }

    private Map<String, Located> located() {
        Map<String, Located> open = located;
        if (open == null) {
            throw new IllegalStateException(file + " is closed");
        }
        return open;
    }

    private ByteBuffer slice(TensorInfo info, long offset, int length) {
        Located at = Objects.requireNonNull(located().get(info.name()));
        return at.file.slice(at.entry.begin() + offset, length);
    }

    private interface SliceReader {
        void read(ByteBuffer in, int at);
    }

    private void forEachSlice(TensorInfo info, long first, int count, SliceReader reader) {
        int width = info.type().bits() / 8;
        int perSlice = MappedFile.MAX_SLICE / width;
        for (long done = 0; done < count; done += perSlice) {
            int n = (int) Math.min(perSlice, count - done);
            reader.read(slice(info, (first + done) * width, n * width), (int) done);
        }
    }

    private int arrayLength(TensorInfo info) {
        if (info.elements() > MAX_ARRAY) {
            throw WeightsException.in(
                    file,
                    "tensor %s: an array holds at most %d elements, found %d; read it in parts"
                            .formatted(JsonText.shown(info.name()), MAX_ARRAY, info.elements()));
        }
        return (int) info.elements();
    }

    private WeightsException unreadable(TensorInfo info, String as) {
        return WeightsException.in(
                file,
                "tensor %s: its type %s cannot be read as %s; convert it before"
                        .formatted(JsonText.shown(info.name()), info.type(), as));
    }
}

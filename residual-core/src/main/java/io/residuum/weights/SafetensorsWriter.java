package io.residuum.weights;

import io.residuum.files.AtomicFiles;
import io.residuum.files.FileErrors;
import io.residuum.json.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Collects named tensors and writes them as one safetensors file.
 *
 * <p>The bytes depend only on the added metadata and tensors and their order. Suppliers are called
 * one at a time while the file is written. Arrays are not copied: do not change them before {@link
 * #write}.
 */
public final class SafetensorsWriter {
    private static final int ALIGNMENT = 8;
    private static final int COPY_BYTES = 1 << 16;

    private record Tensor(TensorInfo info, AtomicFiles.Content content) {}

    private final Map<String, String> metadata = new LinkedHashMap<>();
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();

    /**
     * Sets an entry of the file's metadata.
     *
     * @param key the key; a second value for the same key replaces the first
     */
    public SafetensorsWriter metadata(String key, String value) {
        metadata.put(SafetensorsHeader.unicode(key), SafetensorsHeader.unicode(value));
        return this;
    }

    /**
     * Adds a tensor of type F32.
     *
     * @param shape its dimensions
     * @param values its elements in row-major order
     * @throws WeightsException if the name is taken or the shape does not match the values
     */
    public SafetensorsWriter add(String name, long[] shape, float[] values) {
        TensorInfo info = info(name, TensorType.F32, shape, values.length);
        return put(info, out -> ElementCodec.write(TensorType.F32, values, out));
    }

    /** Adds a tensor of type I64; see {@link #add(String, long[], float[])}. */
    public SafetensorsWriter add(String name, long[] shape, long[] values) {
        TensorInfo info = info(name, TensorType.I64, shape, values.length);
        return put(info, out -> ElementCodec.write(TensorType.I64, values, out));
    }

    /** Adds a tensor of type I32; see {@link #add(String, long[], float[])}. */
    public SafetensorsWriter add(String name, long[] shape, int[] values) {
        TensorInfo info = info(name, TensorType.I32, shape, values.length);
        return put(info, out -> ElementCodec.write(values, out));
    }

    /**
     * Adds a tensor of floats whose values are computed when it is written.
     *
     * @param type F32, F64, F16 or BF16; the last two round to nearest
     * @param shape its dimensions
     * @param values returns its elements in row-major order, at each call of {@link #write}
     * @throws WeightsException if the name is taken or the type or shape is invalid
     */
    public SafetensorsWriter add(
            String name, TensorType type, long[] shape, Supplier<float[]> values) {
        TensorInfo info = info(name, type, shape);
        require(type.kind() == TensorType.Kind.FLOAT, name, "floats cannot be written as " + type);
        return put(
                info,
                out -> {
                    float[] fetched = values.get();
                    checkCount(info, fetched.length);
                    ElementCodec.write(type, fetched, out);
                });
    }

    /**
     * Adds a tensor of integers or booleans whose values are computed when it is written.
     *
     * @param type an integer type, or BOOL with the values 0 and 1
     * @param shape its dimensions
     * @param values returns its elements in row-major order, each in the type's range (U64: not
     *     negative), at each call of {@link #write}
     * @throws WeightsException if the name is taken or the type or shape is invalid
     */
    public SafetensorsWriter addLongs(
            String name, TensorType type, long[] shape, Supplier<long[]> values) {
        TensorInfo info = info(name, type, shape);
        require(
                type.kind() == TensorType.Kind.INTEGER,
                name,
                "integers cannot be written as " + type);
        return put(
                info,
                out -> {
                    long[] fetched = values.get();
                    checkCount(info, fetched.length);
                    checkRange(info, fetched);
                    ElementCodec.write(type, fetched, out);
                });
    }

    /**
     * Adds a tensor of 8-bit integers whose values are computed when it is written.
     *
     * @param type I8 or U8
     * @param shape its dimensions
     * @param values returns its elements in row-major order, at each call of {@link #write}
     * @throws WeightsException if the name is taken or the type or shape is invalid
     */
    public SafetensorsWriter addBytes(
            String name, TensorType type, long[] shape, Supplier<byte[]> values) {
        TensorInfo info = info(name, type, shape);
        require(
                type == TensorType.I8 || type == TensorType.U8,
                name,
                "bytes cannot be written as " + type);
        return put(
                info,
                out -> {
                    byte[] fetched = values.get();
                    checkCount(info, fetched.length);
                    out.write(fetched);
                });
    }

    /**
     * Adds a tensor of another file, of any type and size, bit for bit.
     *
     * @param name its new name
     * @param source the other file; keep it open until {@link #write} returns
     * @param sourceName the tensor's name in the other file
     * @throws WeightsException if the name is taken or there is no such tensor
     */
    public SafetensorsWriter copy(String name, Safetensors source, String sourceName) {
        TensorInfo from = source.info(sourceName);
        return put(
                info(name, from.type(), from.dimensions()),
                out -> {
                    byte[] chunk = new byte[COPY_BYTES];
                    for (long done = 0; done < from.bytes(); done += chunk.length) {
                        int n = (int) Math.min(chunk.length, from.bytes() - done);
                        source.bytes(sourceName, done, n).get(chunk, 0, n);
                        out.write(chunk, 0, n);
                    }
                });
    }

    /**
     * Writes the file atomically, like {@link AtomicFiles}.
     *
     * @param file the file, in an existing folder
     * @throws WeightsException if the file cannot be written, or supplied values do not match their
     *     tensor; an existing file then stays unchanged
     */
    public void write(Path file) {
        stored(() -> AtomicFiles.write(file, content(file)));
    }

    /**
     * Writes the file atomically, and keeps the existing one, like {@link
     * AtomicFiles#writeKeeping}.
     *
     * @param file the file, in an existing folder
     * @param previous the other name of the existing file, in the same folder
     * @throws WeightsException as {@link #write}
     */
    public void writeKeeping(Path file, Path previous) {
        stored(() -> AtomicFiles.writeKeeping(file, previous, content(file)));
    }

    /**
     * Writes files that belong together, like {@link AtomicFiles#writeTogether}.
     *
     * @param files the contents by file, in the order of the moves
     * @throws WeightsException as {@link #write}
     */
    public static void writeTogether(Map<Path, SafetensorsWriter> files) {
        stored(
                () ->
                        AtomicFiles.writeTogether(
                                files.entrySet().stream()
                                        .map(
                                                e ->
                                                        new AtomicFiles.Part(
                                                                e.getKey(),
                                                                e.getValue().content(e.getKey())))
                                        .toList()));
    }

    /** Stores contents in files. */
    @FunctionalInterface
    private interface Store {
        void run() throws IOException;
    }

    private static void stored(Store store) {
        try {
            store.run();
        } catch (IOException e) {
            throw new WeightsException(FileErrors.reason(e), e);
        }
    }

    private AtomicFiles.Content content(Path file) {
        byte[] header = header();
        if (header.length > SafetensorsHeader.MAX_BYTES) {
            throw WeightsException.in(
                    file,
                    "the header must have at most %d bytes, found %d; use fewer tensors or less"
                                    .formatted(SafetensorsHeader.MAX_BYTES, header.length)
                            + " metadata");
        }
        return out -> {
            try {
                writeTo(out, header);
            } catch (WeightsException e) {
                throw new WeightsException(file + ": " + e.getMessage(), e);
            }
        };
    }

    private void writeTo(OutputStream out, byte[] header) throws IOException {
        ByteBuffer length =
                ByteBuffer.allocate(SafetensorsHeader.LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        out.write(length.putLong(header.length).array());
        out.write(header);
        for (Tensor tensor : tensors.values()) {
            tensor.content.writeTo(out);
        }
    }

    private byte[] header() {
        Map<String, Object> json = new LinkedHashMap<>();
        if (!metadata.isEmpty()) {
            json.put(SafetensorsHeader.METADATA, metadata);
        }
        long begin = 0;
        for (Tensor tensor : tensors.values()) {
            TensorInfo info = tensor.info;
            long end = Math.addExact(begin, info.bytes());
            List<Long> offsets = List.of(begin, end);
            json.put(
                    info.name(),
                    Json.object(
                            "dtype", info.type().toString(),
                            "shape", info.shape(),
                            "data_offsets", offsets));
            begin = end;
        }
        byte[] text = Json.of(json).compact().getBytes(StandardCharsets.UTF_8);
        byte[] padded = Arrays.copyOf(text, (text.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
        Arrays.fill(padded, text.length, padded.length, (byte) ' ');
        return padded;
    }

    private static TensorInfo info(String name, TensorType type, long[] shape) {
        require(
                !name.equals(SafetensorsHeader.METADATA),
                name,
                "this name is reserved by the format");
        return TensorInfo.of(
                SafetensorsHeader.unicode(name), type, Arrays.stream(shape).boxed().toList());
    }

    private static TensorInfo info(String name, TensorType type, long[] shape, int count) {
        TensorInfo info = info(name, type, shape);
        checkCount(info, count);
        return info;
    }

    private SafetensorsWriter put(TensorInfo info, AtomicFiles.Content content) {
        Tensor previous = tensors.putIfAbsent(info.name(), new Tensor(info, content));
        require(previous == null, info.name(), "names must be unique, found this one again");
        return this;
    }

    private static void checkCount(TensorInfo info, int found) {
        require(
                info.elements() == found,
                info.name(),
                "shape %s must have %d values, found %d"
                        .formatted(info.shape(), info.elements(), found));
    }

    private static void checkRange(TensorInfo info, long[] values) {
        long max =
                switch (info.type()) {
                    case BOOL -> 1;
                    case U8 -> 0xff;
                    case U16 -> 0xffff;
                    case U32 -> 0xffffffffL;
                    case I8 -> Byte.MAX_VALUE;
                    case I16 -> Short.MAX_VALUE;
                    case I32 -> Integer.MAX_VALUE;
                    default -> Long.MAX_VALUE;
                };
        long min =
                switch (info.type()) {
                    case I8, I16, I32, I64 -> -max - 1;
                    default -> 0;
                };
        for (long value : values) {
            if (value < min || value > max) {
                throw WeightsException.tensor(
                        info.name(),
                        "%s holds values from %d to %d, found %d"
                                .formatted(info.type(), min, max, value));
            }
        }
    }

    private static void require(boolean condition, String name, String problem) {
        if (!condition) {
            throw WeightsException.tensor(name, problem);
        }
    }
}

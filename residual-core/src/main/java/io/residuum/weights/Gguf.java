package io.residuum.weights;

import io.residuum.json.Json;
import io.residuum.json.JsonText;
import io.residuum.weights.quantized.GgmlType;
import io.residuum.weights.quantized.QuantizedFormat;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * The tensors and the metadata of a GGUF file, the format of llama.cpp, in versions 2 and 3. Its
 * tensors are floats, or blocks of integers with scales, which are read as floats.
 *
 * @see <a href="https://github.com/ggml-org/ggml/blob/master/docs/gguf.md">The format</a>
 */
public final class Gguf implements StateDict {
    /** The extension of file names. */
    public static final String EXTENSION = ".gguf";

    /** The metadata key of the architecture, such as {@code llama}. */
    public static final String ARCHITECTURE = "general.architecture";

    static final String MAGIC = "GGUF";

    private static final String ALIGNMENT = "general.alignment";
    private static final int MAX_ALIGNMENT = 1 << 20;
    private static final int MAX_RANK = 4;
    private static final int MIN_VERSION = 2;
    private static final int MAX_VERSION = 3;

    /** The least length of a key with its value, and of a description of a tensor, in bytes. */
    private static final int LEAST_ENTRY = 8 + 4 + 1;

    private static final int LEAST_TENSOR = 8 + 4 + 4 + 8;

    /** The number of elements that are converted at once. */
    private static final int CHUNK = 1 << 16;

    /** A tensor, the type of its blocks and the position of the first. */
    private record Entry(TensorInfo info, GgmlType type, long begin) {
        long bytes() {
            return info.elements() / type.elements() * type.bytes();
        }
    }

    private final Path file;
    private final MappedFile mapped;
    private final Json.Obj json;
    private final Map<String, Entry> tensors;
    private volatile boolean closed;

    private Gguf(Path file, MappedFile mapped, Json.Obj json, Map<String, Entry> tensors) {
        this.file = file;
        this.mapped = mapped;
        this.json = json;
        this.tensors = Collections.unmodifiableMap(tensors);
    }

    /**
     * {@return the tensors of a file}
     *
     * @param file a {@code .gguf} file
     * @throws WeightsException if it cannot be read, is malformed, or has elements of a type that
     *     is not read
     */
    public static Gguf open(Path file) {
        MappedFile mapped = MappedFile.open(file);
        if (!new GgufInput(file, mapped, 0).begins(MAGIC)) {
            throw WeightsException.in(file, "a GGUF file must begin with " + MAGIC);
        }
        return read(file, mapped);
    }

    static Gguf read(Path file, MappedFile mapped) {
        GgufInput in = new GgufInput(file, mapped, MAGIC.length());
        int version = in.integer("the version");
        if (version < MIN_VERSION || version > MAX_VERSION) {
            int other = Integer.reverseBytes(version);
            boolean swapped = other > 0 && other <= MAX_VERSION;
            throw in.refusal(
                    "a GGUF file must have version 2 or 3, found %s; convert the model with a current llama.cpp"
                            .formatted(
                                    swapped
                                            ? "a file in big-endian order"
                                            : Integer.toUnsignedString(version)));
        }
        int count = in.count("the number of tensors", LEAST_TENSOR);
        int keys = in.count("the number of metadata keys", LEAST_ENTRY);
        Map<String, Json> metadata = new LinkedHashMap<>();
        for (int i = 0; i < keys; i++) {
            String key = in.text("a metadata key");
            if (metadata.putIfAbsent(key, in.value(key)) != null) {
                throw in.refusal("metadata keys must differ, found two " + JsonText.quote(key));
            }
        }
        Json.Obj json = new Json.Obj(0, metadata);
        if (json.get("split.count").integer(1) > 1) {
            throw WeightsException.in(
                    file,
                    "a GGUF model must be in one file, found one of %d; join them with llama-gguf-split --merge"
                            .formatted(json.get("split.count").integer(1)));
        }
        return new Gguf(file, mapped, json, entries(in, file, mapped, count, alignment(in, json)));
    }

    private static int alignment(GgufInput in, Json.Obj json) {
        int alignment =
                json.get(ALIGNMENT) instanceof Json.Null ? 32 : json.get(ALIGNMENT).integer(0);
        if (Integer.bitCount(alignment) != 1 || alignment < 0 || alignment > MAX_ALIGNMENT) {
            throw in.refusal(
                    "%s must be a power of 2 up to %d, found %s"
                            .formatted(
                                    ALIGNMENT,
                                    MAX_ALIGNMENT,
                                    JsonText.oneLine(json.get(ALIGNMENT).compact())));
        }
        return alignment;
    }

    /** Reads the descriptions of tensors, whose data follow each other in their order. */
    private static Map<String, Entry> entries(
            GgufInput in, Path file, MappedFile mapped, int count, int alignment) {
        List<TensorInfo> infos = new ArrayList<>();
        List<GgmlType> types = new ArrayList<>();
        List<Long> offsets = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String name = in.text("the name of a tensor");
            List<Long> shape = shape(in, name);
            GgmlType type = type(in, name);
            long columns = shape.isEmpty() ? 1 : shape.get(shape.size() - 1);
            if (columns % type.elements() != 0) {
                throw in.refusal(
                        "tensor %s: rows of %s must have a multiple of %d elements, found %d"
                                .formatted(JsonText.quote(name), type, type.elements(), columns));
            }
            try {
                infos.add(TensorInfo.of(name, stored(type), shape));
            } catch (WeightsException e) {
                throw new WeightsException(file + ": " + e.getMessage(), e);
            }
            types.add(type);
            offsets.add(in.length("the offset of a tensor"));
        }
        long start = aligned(in.position(), alignment);
        long end = start;
        Map<String, Entry> entries = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            TensorInfo info = infos.get(i);
            String name = JsonText.quote(info.name());
            Entry entry = new Entry(info, types.get(i), aligned(end, alignment));
            if (offsets.get(i) != entry.begin - start) {
                throw WeightsException.in(
                        file,
                        "tensor %s must begin at %d, after the tensor before it, found %s"
                                .formatted(
                                        name,
                                        entry.begin - start,
                                        Long.toUnsignedString(offsets.get(i))));
            }
            if (entry.bytes() > mapped.size() - entry.begin) {
                throw WeightsException.in(
                        file,
                        "tensor %s must end within the file's %d bytes, but has %d from byte %d; the file may be truncated"
                                .formatted(name, mapped.size(), entry.bytes(), entry.begin));
            }
            end = entry.begin + entry.bytes();
            if (entries.put(info.name(), entry) != null) {
                throw WeightsException.in(
                        file, "tensors must have different names, found two " + name);
            }
        }
        if (mapped.size() > aligned(end, alignment)) {
            throw WeightsException.in(
                    file,
                    "the tensors must end the file, found %d bytes after them"
                            .formatted(mapped.size() - end));
        }
        return entries;
    }

    private static List<Long> shape(GgufInput in, String name) {
        int rank = in.integer("the rank of a tensor");
        if (rank < 0 || rank > MAX_RANK) {
            throw in.refusal(
                    "tensor %s must have at most %d dimensions, found %s"
                            .formatted(
                                    JsonText.quote(name),
                                    MAX_RANK,
                                    Integer.toUnsignedString(rank)));
        }
        List<Long> shape = new ArrayList<>();
        for (int d = 0; d < rank; d++) {
            // The first dimension in the file is the one of neighbours in memory.
            shape.add(0, in.length("a dimension"));
        }
        return shape;
    }

    private static GgmlType type(GgufInput in, String name) {
        int number = in.integer("the type of a tensor");
        return GgmlType.of(number)
                .orElseThrow(
                        () ->
                                in.refusal(
                                        "tensor %s must have the type F32, F16, BF16, Q8_0, Q4_0, Q4_1 or Q6_K, found %s; use a Q8_0, Q4_0 or F16 file of this model, or make one with llama-quantize"
                                                .formatted(
                                                        JsonText.quote(name),
                                                        GgmlType.name(number))));
    }

    /** {@return the type whose values the floats have; blocks are converted} */
    private static TensorType stored(GgmlType type) {
        return switch (type) {
            case F16 -> TensorType.F16;
            case BF16 -> TensorType.BF16;
            default -> TensorType.F32;
        };
    }

    private static long aligned(long position, int alignment) {
        return (position + alignment - 1) / alignment * alignment;
    }

    /** {@return all metadata by key; integers, numbers, strings, booleans and lists of them} */
    public Json.Obj json() {
        return json;
    }

    /**
     * {@return the type of a tensor's elements}
     *
     * @param name the tensor
     * @throws WeightsException if there is no such tensor
     */
    public GgmlType type(String name) {
        return entry(name).type;
    }

    private Entry entry(String name) {
        Entry entry = tensors.get(name);
        if (entry == null) {
            throw WeightsException.in(
                    file,
                    "the file has no tensor %s among its %d"
                            .formatted(JsonText.quote(name), tensors.size()));
        }
        return entry;
    }

    @Override
    public Path file() {
        return file;
    }

    @Override
    public Set<String> names() {
        return tensors.keySet();
    }

    @Override
    public TensorInfo info(String name) {
        return entry(name).info;
    }

    @Override
    public Optional<QuantizedFormat> format(String name) {
        return type(name).format();
    }

    @Override
    public float[] floats(String name) {
        return floats(name, 0, MappedStateDict.arrayLength(file, info(name)));
    }

    @Override
    public float[] floats(String name, long first, int count) {
        Entry entry = entry(name);
        if (closed) {
            throw new IllegalStateException(file + " is closed");
        }
        Objects.checkFromIndexSize(first, count, entry.info.elements());
        GgmlType type = entry.type;
        float[] values = new float[count];
        float[] chunk = new float[CHUNK];
        // Blocks may begin before the first element and end after the last.
        long from = first / type.elements() * type.elements();
        long end = first + count;
        while (from < end) {
            long blocks =
                    Math.min(
                            CHUNK / type.elements(),
                            (end - from + type.elements() - 1) / type.elements());
            long at = entry.begin + from / type.elements() * type.bytes();
            type.toFloats(mapped.slice(at, (int) blocks * type.bytes()), chunk);
            long to = Math.min(end, from + blocks * type.elements());
            long begin = Math.max(first, from);
            System.arraycopy(
                    chunk, (int) (begin - from), values, (int) (begin - first), (int) (to - begin));
            from += blocks * type.elements();
        }
        return values;
    }

    @Override
    public long[] longs(String name) {
        throw WeightsException.in(
                file,
                "tensor %s: type %s cannot be read as integers; convert the file first"
                        .formatted(JsonText.quote(name), type(name)));
    }

    /** {@return the numbers and texts about the model, without its tokenizer and without lists} */
    @Override
    public Map<String, String> metadata() {
        Map<String, String> texts = new LinkedHashMap<>();
        json.members()
                .forEach(
                        (key, value) -> {
                            if (!(value instanceof Json.Arr) && !key.startsWith("tokenizer.")) {
                                texts.put(key, value.string(value.compact()));
                            }
                        });
        return texts;
    }

    @Override
    public List<String> ignored() {
        return List.of();
    }

    @Override
    public void close() {
        closed = true;
    }
}

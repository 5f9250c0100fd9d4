package io.residuum.weights;

import io.residuum.json.JsonCursor;
import io.residuum.json.JsonException;
import io.residuum.json.JsonText;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The checked header of one safetensors file.
 *
 * @param metadata the {@code __metadata__}, in the file's order
 * @param entries the tensors, in the order of their data
 */
record SafetensorsHeader(Map<String, String> metadata, List<Entry> entries) {
    /** The key under which a header keeps its metadata. */
    static final String METADATA = "__metadata__";

    /** Bytes of the field that holds the header's length. */
    static final int LENGTH_BYTES = 8;

    /** The longest header that the format allows, in bytes. */
    static final int MAX_BYTES = 100_000_000;

    // Of what is made of a tensor, beside the text that it is read from.
    private static final int ENTRY_BYTES = 8 * MemoryBudget.OBJECT;

    // NumPy's and PyTorch's own limit.
    private static final int MAX_RANK = 64;

    /**
     * A tensor and where its data is.
     *
     * @param info what it is
     * @param begin the position of its first byte in the file
     */
    record Entry(TensorInfo info, long begin) {
        long end() {
            return begin + info.bytes();
        }
    }

    /** Returns the tensors of the file that this is the header of. */
    List<TensorView> views(MappedFile mapped) {
        return entries.stream()
                .map(e -> new TensorView(mapped, e.info(), e.begin(), ByteOrder.LITTLE_ENDIAN))
                .toList();
    }

    /** Reads and checks the header: after this, every entry lies within the file. */
    static SafetensorsHeader read(Path file, MappedFile mapped) {
        int length = length(file, mapped);
        MemoryBudget budget = new MemoryBudget(file, mapped.size());
        JsonCursor json =
                new JsonCursor(file.toString(), mapped.slice(LENGTH_BYTES, length), budget::charge);
        Map<String, String> metadata = new LinkedHashMap<>();
        List<Entry> entries = new ArrayList<>();
        long dataStart = LENGTH_BYTES + length;
        try {
            json.object(
                    key -> {
                        if (key.equals(METADATA)) {
                            json.object(name -> metadata.put(name, json.string()));
                        } else {
                            budget.charge(ENTRY_BYTES);
                            entries.add(entry(file, json, key, dataStart, mapped.size()));
                        }
                    });
            json.end();
        } catch (JsonException e) {
            throw WeightsException.in(file, json, e);
        }
        // Empty tensors share their offset with the next one and must come before it.
        entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
        checkCover(file, entries, dataStart, mapped.size());
        return new SafetensorsHeader(Collections.unmodifiableMap(metadata), List.copyOf(entries));
    }

    private static int length(Path file, MappedFile mapped) {
        if (mapped.size() < LENGTH_BYTES) {
            throw WeightsException.in(
                    file,
                    "a safetensors file must have at least %d bytes, found %d"
                            .formatted(LENGTH_BYTES, mapped.size()));
        }
        long length = mapped.slice(0, LENGTH_BYTES).getLong();
        long limit = Math.min(MAX_BYTES, mapped.size() - LENGTH_BYTES);
        if (length < 2 || length > limit) {
            byte[] start = new byte[LENGTH_BYTES];
            mapped.slice(0, LENGTH_BYTES).get(start);
            throw WeightsException.in(
                    file,
                    "the header's length must be from 2 to %d, found %s; the file is truncated, or is"
                                    .formatted(limit, Long.toUnsignedString(length))
                            + " not safetensors: it begins with "
                            + JsonText.literal(new String(start, StandardCharsets.ISO_8859_1)));
        }
        ByteBuffer first = mapped.slice(LENGTH_BYTES, 1);
        if (first.get() != '{') {
            throw WeightsException.in(
                    file, "the header must begin with '{', found byte " + (first.get(0) & 0xff));
        }
        return (int) length;
    }

    private static final class Fields {
        private @Nullable TensorType type;
        private @Nullable List<Long> shape;
        private @Nullable List<Long> offsets;
    }

    private static Entry entry(
            Path file, JsonCursor json, String name, long dataStart, long fileSize) {
        Fields fields = new Fields();
        json.object(
                key -> {
                    switch (key) {
                        case "dtype" -> fields.type = type(file, name, json.string());
                        case "shape" -> fields.shape = json.integers(MAX_RANK);
                        case "data_offsets" -> fields.offsets = json.integers(2);
                        default ->
                                throw problem(file, name, "unknown field " + JsonText.quote(key));
                    }
                });
        TensorType type = fields.type;
        List<Long> shape = fields.shape;
        List<Long> offsets = fields.offsets;
        if (type == null || shape == null || offsets == null || offsets.size() != 2) {
            throw problem(file, name, "must have dtype, shape and two data_offsets");
        }
        long begin = offsets.get(0);
        long end = offsets.get(1);
        long dataSize = fileSize - dataStart;
        if (begin < 0 || end < begin || end > dataSize) {
            throw problem(
                    file,
                    name,
                    "data_offsets must be in order and within the %d bytes of data, found %s"
                                    .formatted(dataSize, offsets)
                            + "; the file may be truncated");
        }
        try {
            return new Entry(new TensorInfo(name, type, shape, end - begin), dataStart + begin);
        } catch (WeightsException e) {
            throw new WeightsException(file + ": " + e.getMessage(), e);
        }
    }

    private static TensorType type(Path file, String tensor, String name) {
        TensorType type = TensorType.byName(name);
        if (type == null) {
            throw problem(file, tensor, "unknown dtype " + JsonText.quote(name));
        }
        return type;
    }

    private static void checkCover(Path file, List<Entry> entries, long dataStart, long fileSize) {
        long covered = dataStart;
        for (Entry entry : entries) {
            if (entry.begin() != covered) {
                throw problem(
                        file,
                        entry.info().name(),
                        "data must begin at %d, where the tensor before it ends, found %d"
                                .formatted(covered - dataStart, entry.begin() - dataStart));
            }
            covered = entry.end();
        }
        if (covered != fileSize) {
            throw WeightsException.in(
                    file,
                    "the tensors must cover the file, found %d bytes after them"
                            .formatted(fileSize - covered));
        }
    }

    private static WeightsException problem(Path file, String tensor, String problem) {
        return WeightsException.in(file, "tensor " + JsonText.quote(tensor) + ": " + problem);
    }
}

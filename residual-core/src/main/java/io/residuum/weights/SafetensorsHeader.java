package io.residuum.weights;

import io.residuum.json.Json;
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
import java.util.Set;

/**
 * The checked header of one safetensors file.
 *
 * @param metadata the {@code __metadata__}, in the file's order
 * @param entries the tensors, in the order of their data
 */
record SafetensorsHeader(Map<String, String> metadata, List<Entry> entries) {
    /** The header key of the metadata. */
    static final String METADATA = "__metadata__";

    /** The width of the header length field, in bytes. */
    static final int LENGTH_BYTES = 8;

    /** The format's limit of the header length, in bytes. */
    static final int MAX_BYTES = 100_000_000;

    // The estimated memory of a tensor's objects, in addition to its JSON text.
    private static final int ENTRY_BYTES = 8 * MemoryBudget.OBJECT;

    private static final Set<String> FIELDS = Set.of("dtype", "shape", "data_offsets");

    // The limit of NumPy and PyTorch.
    private static final int MAX_RANK = 64;

    /**
     * A tensor and the position of its data.
     *
     * @param info its name, type and shape
     * @param begin the position of its first byte in the file
     */
    record Entry(TensorInfo info, long begin) {
        long end() {
            return begin + info.bytes();
        }
    }

    /** {@return the tensors of the header's file} */
    List<TensorView> views(MappedFile mapped) {
        return entries.stream()
                .map(e -> new TensorView(mapped, e.info(), e.begin(), ByteOrder.LITTLE_ENDIAN))
                .toList();
    }

    /** Reads and checks the header. Every returned entry is inside the file. */
    static SafetensorsHeader read(Path file, MappedFile mapped) {
        int length = length(file, mapped);
        MemoryBudget budget = new MemoryBudget(file, mapped.size());
        Map<String, Json> header =
                new LinkedHashMap<>(budget.read(mapped.slice(LENGTH_BYTES, length)).members());
        budget.charge((long) ENTRY_BYTES * header.size());
        long dataStart = LENGTH_BYTES + length;
        try {
            Map<String, String> metadata = new LinkedHashMap<>();
            Json given = header.remove(METADATA);
            if (given instanceof Json.Obj object) {
                object.members().forEach((key, value) -> metadata.put(unicode(key), text(value)));
            } else if (given != null && !(given instanceof Json.Null)) {
                throw new WeightsException(
                        METADATA + " must be an object or null, found " + found(given));
            }
            List<Entry> entries = new ArrayList<>();
            header.forEach(
                    (name, json) -> entries.add(entry(name, json, dataStart, mapped.size())));
            // Empty tensors share their offset with the next tensor and must come before it.
            entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
            checkCover(entries, dataStart, mapped.size());
            return new SafetensorsHeader(
                    Collections.unmodifiableMap(metadata), List.copyOf(entries));
        } catch (WeightsException e) {
            throw new WeightsException(file + ": " + e.getMessage(), e);
        }
    }

    private static String text(Json value) {
        if (!(value instanceof Json.Str text)) {
            throw new WeightsException(METADATA + " must hold strings, found " + found(value));
        }
        return unicode(text.value());
    }

    private static String found(Json value) {
        return JsonText.oneLine(value.compact());
    }

    /** {@return the text, if it can be encoded as UTF-8} */
    static String unicode(String text) {
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw new WeightsException(
                    "names and metadata must be valid Unicode, found " + JsonText.quote(text));
        }
        return text;
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

    private static Entry entry(String name, Json json, long dataStart, long fileSize) {
        // Further fields are allowed, as in the reference reader.
        boolean complete = json.members().keySet().containsAll(FIELDS);
        if (!complete || json.get("data_offsets").items().size() < 2) {
            throw WeightsException.tensor(name, "must have dtype, shape and two data_offsets");
        }
        List<Long> offsets = integers(name, json, "data_offsets", 2);
        List<Long> shape = integers(name, json, "shape", MAX_RANK);
        TensorType type = TensorType.byName(json.get("dtype").string(""));
        if (type == null) {
            throw WeightsException.tensor(name, "unknown dtype " + found(json.get("dtype")));
        }
        long begin = offsets.get(0);
        long end = offsets.get(1);
        long dataSize = fileSize - dataStart;
        if (begin < 0 || end < begin || end > dataSize) {
            throw WeightsException.tensor(
                    name,
                    "data_offsets must be in order and within the %d bytes of data, found %s"
                                    .formatted(dataSize, offsets)
                            + "; the file may be truncated");
        }
        return new Entry(
                new TensorInfo(unicode(name), type, shape, end - begin), dataStart + begin);
    }

    private static List<Long> integers(String name, Json json, String key, int max) {
        Json array = json.get(key);
        try {
            if (array.kind() == Json.Kind.ARRAY && array.items().size() <= max) {
                return array.items().stream().map(Json::compact).map(Long::valueOf).toList();
            }
        } catch (NumberFormatException e) {
            // Not integers: reported like a missing array.
        }
        throw WeightsException.tensor(
                name,
                "%s must be at most %d integers of 64 bits, found %s"
                        .formatted(key, max, found(array)));
    }

    private static void checkCover(List<Entry> entries, long dataStart, long fileSize) {
        long covered = dataStart;
        for (Entry entry : entries) {
            if (entry.begin() != covered) {
                throw WeightsException.tensor(
                        entry.info().name(),
                        "data must begin at %d, where the tensor before it ends, found %d"
                                .formatted(covered - dataStart, entry.begin() - dataStart));
            }
            covered = entry.end();
        }
        if (covered != fileSize) {
            throw new WeightsException(
                    "the tensors must cover the file, found %d bytes after them"
                            .formatted(fileSize - covered));
        }
    }
}

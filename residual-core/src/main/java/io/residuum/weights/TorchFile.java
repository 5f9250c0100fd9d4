package io.residuum.weights;

import io.residuum.json.JsonText;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A file written by torch.save: an object and the positions of its storages.
 *
 * @param mapped the file
 * @param root the object, as made by {@link Pickle}
 * @param begins the position of each storage, by key; the file holds all storages completely
 * @param order the byte order of an element
 * @param budget the memory budget of the file
 */
record TorchFile(
        MappedFile mapped,
        Object root,
        Map<String, Long> begins,
        ByteOrder order,
        MemoryBudget budget) {
    private static final int VIEW_BYTES = 8 * MemoryBudget.OBJECT;

    private static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
    private static final long PROTOCOL = 1001;
    private static final PickleGlobal.Opaque UNKNOWN_STORAGE =
            new PickleGlobal.Opaque("torch.Storage");
    private static final String PICKLE = "/data.pkl";
    private static final String FOLDER_OF_STORAGES = "/data/";

    /** Reads the format of PyTorch 1.6 and newer: a zip file of a pickle and its storages. */
    static TorchFile readZip(Path file, MappedFile mapped) {
        MemoryBudget budget = new MemoryBudget(file, mapped.size());
        Map<String, ZipIndex.Entry> entries = ZipIndex.read(file, mapped, budget);
        String folder = folder(file, entries);
        ByteBuffer pickle = contents(file, mapped, entries, folder + PICKLE);
        Map<String, TorchTensor.Storage> storages = new HashMap<>();
        Object root =
                Pickle.read(
                        new PickleInput(file, pickle, budget),
                        TorchGlobals::find,
                        id -> register(storages, id));
        Map<String, Long> begins = new HashMap<>();
        storages.forEach(
                (key, storage) -> {
                    ZipIndex.Entry entry = entries.get(folder + FOLDER_OF_STORAGES + key);
                    if (entry == null || !entry.plain() || entry.bytes() != storage.bytes()) {
                        throw WeightsException.in(
                                file,
                                "storage %s must be %d uncompressed bytes in the zip file, found %s"
                                        .formatted(
                                                JsonText.quote(key),
                                                storage.bytes(),
                                                describe(entry)));
                    }
                    begins.put(key, entry.begin());
                });
        return new TorchFile(mapped, root, begins, order(file, mapped, entries, folder), budget);
    }

    private static String folder(Path file, Map<String, ZipIndex.Entry> entries) {
        List<String> folders =
                entries.keySet().stream()
                        .filter(name -> name.endsWith(PICKLE))
                        .map(name -> name.substring(0, name.length() - PICKLE.length()))
                        .filter(folder -> folder.indexOf('/') < 0)
                        .toList();
        if (folders.size() != 1) {
            throw WeightsException.in(
                    file,
                    "a zip file of weights must be written by torch.save, with one folder that"
                            + " holds data.pkl, found "
                            + folders.size());
        }
        String folder = folders.get(0);
        if (entries.containsKey(folder + "/constants.pkl")) {
            throw WeightsException.in(
                    file,
                    "refused a TorchScript archive, which holds code; in Python, save"
                            + " torch.jit.load(file).state_dict() instead");
        }
        return folder;
    }

    private static ByteBuffer contents(
            Path file, MappedFile mapped, Map<String, ZipIndex.Entry> entries, String name) {
        ZipIndex.Entry entry = entries.get(name);
        if (entry == null || !entry.plain() || entry.bytes() > MappedFile.MAX_SLICE) {
            throw WeightsException.in(
                    file,
                    "entry %s must be uncompressed and at most 1 GiB, found %s; save it"
                                    .formatted(JsonText.quote(name), describe(entry))
                            + " again with torch.save");
        }
        return mapped.slice(entry.begin(), (int) entry.bytes());
    }

    private static String describe(ZipIndex.@Nullable Entry entry) {
        if (entry == null) {
            return "none";
        }
        return entry.bytes() + (entry.plain() ? " bytes" : " compressed bytes");
    }

    private static ByteOrder order(
            Path file, MappedFile mapped, Map<String, ZipIndex.Entry> entries, String folder) {
        String name = folder + "/byteorder";
        // PyTorch before 2.1 wrote little-endian files without this entry.
        if (!entries.containsKey(name)) {
            return ByteOrder.LITTLE_ENDIAN;
        }
        ByteBuffer contents = contents(file, mapped, entries, name);
        if (contents.equals(ByteBuffer.wrap("little".getBytes(StandardCharsets.US_ASCII)))) {
            return ByteOrder.LITTLE_ENDIAN;
        }
        if (contents.equals(ByteBuffer.wrap("big".getBytes(StandardCharsets.US_ASCII)))) {
            return ByteOrder.BIG_ENDIAN;
        }
        throw WeightsException.in(file, "the entry byteorder must be little or big");
    }

    /** {@return true if these first bytes are of the legacy format} */
    static boolean isLegacy(byte[] start) {
        String text = new String(start, StandardCharsets.ISO_8859_1);
        byte[] magic = MAGIC.toByteArray();
        // Decimal in the first protocols, else little-endian after a few opcodes.
        return text.startsWith("L" + MAGIC + "L")
                || text.startsWith("\u0080")
                        && text.contains(
                                new StringBuilder(new String(magic, StandardCharsets.ISO_8859_1))
                                        .reverse());
    }

    /** Reads the format of PyTorch before 1.6: pickles, then the storages one after the other. */
    static TorchFile readLegacy(Path file, MappedFile mapped) {
        ByteBuffer start = mapped.slice(0, (int) Math.min(mapped.size(), MappedFile.MAX_SLICE));
        MemoryBudget budget = new MemoryBudget(file, mapped.size());
        PickleInput in = new PickleInput(file, start, budget);
        requireValue(file, "magic number", MAGIC, Pickle.read(in));
        requireValue(file, "protocol", PROTOCOL, Pickle.read(in));
        // The sizes of C types on the writing machine; the storages do not depend on them.
        Pickle.read(in);
        Map<String, TorchTensor.Storage> storages = new HashMap<>();
        Object root = Pickle.read(in, TorchGlobals::find, id -> register(storages, id));
        Object keys = Pickle.read(in);
        if (!(keys instanceof List<?> list)) {
            throw WeightsException.in(file, "the storage keys must be a list");
        }
        Map<String, Long> begins = new HashMap<>();
        long at = in.position();
        for (Object key : list) {
            TorchTensor.Storage storage = key instanceof String name ? storages.remove(name) : null;
            if (storage == null) {
                throw WeightsException.in(
                        file, "the storage keys must be the keys of the tensors, once each");
            }
            at = skip(file, mapped, storage, at);
            begins.put(storage.key(), at - storage.bytes());
        }
        if (!storages.isEmpty() || at != mapped.size()) {
            throw WeightsException.in(
                    file,
                    "the storages of all tensors must end the file, found %d missing"
                                    .formatted(storages.size())
                            + " and %d bytes after them".formatted(mapped.size() - at));
        }
        return new TorchFile(mapped, root, begins, ByteOrder.LITTLE_ENDIAN, budget);
    }

    private static long skip(Path file, MappedFile mapped, TorchTensor.Storage storage, long at) {
        long left = mapped.size() - at - Long.BYTES;
        long elements = left < 0 ? -1 : mapped.slice(at, Long.BYTES).getLong();
        if (elements != storage.elements() || storage.bytes() > left) {
            throw WeightsException.in(
                    file,
                    "storage %s must have its %d elements of %s at byte %d; the file is truncated"
                            .formatted(
                                    JsonText.quote(storage.key()),
                                    storage.elements(),
                                    storage.type(),
                                    at));
        }
        return at + Long.BYTES + storage.bytes();
    }

    private static void requireValue(Path file, String what, Object wanted, Object found) {
        if (!wanted.equals(found)) {
            throw WeightsException.in(
                    file,
                    "a legacy PyTorch file must begin with its %s; this may be another kind of pickle"
                            .formatted(what));
        }
    }

    /** {@return the storage of an identifier, or a placeholder if its type is unknown} */
    private static Object register(Map<String, TorchTensor.Storage> storages, Object id) {
        return TorchGlobals.storage(id)
                .<Object>map(storage -> registered(storages, storage))
                .orElse(UNKNOWN_STORAGE);
    }

    private static TorchTensor.Storage registered(
            Map<String, TorchTensor.Storage> storages, TorchTensor.Storage storage) {
        TorchTensor.Storage known = storages.putIfAbsent(storage.key(), storage);
        if (known != null && !known.equals(storage)) {
            throw new IllegalArgumentException(
                    "storage %s must have one type and size, found two"
                            .formatted(JsonText.quote(storage.key())));
        }
        return storage;
    }

    /** {@return a view of a tensor in {@link #root}} */
    TensorView view(String name, TorchTensor tensor) {
        budget.charge(VIEW_BYTES);
        long begin = Objects.requireNonNull(begins.get(tensor.storage().key()));
        return tensor.locate(name, mapped, begin, order);
    }
}

package io.residuum.weights;

import io.residuum.json.JsonText;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The entries of a zip file, including zip64, and their positions. Names are only keys: no file of
 * such a name is ever opened. Nothing is decompressed, so entries to read must be stored
 * uncompressed.
 *
 * @see <a href="https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT">The format</a>
 */
final class ZipIndex {
    private static final int END_BYTES = 22;
    private static final int MAX_COMMENT = 0xffff;
    private static final int LOCATOR_BYTES = 20;
    private static final int END64_BYTES = 56;
    private static final int CENTRAL_BYTES = 46;
    private static final int LOCAL_BYTES = 30;
    private static final int ZIP64_EXTRA = 1;
    private static final long U32_MAX = 0xffffffffL;

    /**
     * An entry.
     *
     * @param begin the position of its first byte
     * @param bytes its length in the file
     * @param plain true if it is neither compressed nor encrypted
     */
    record Entry(long begin, long bytes, boolean plain) {}

    private record Directory(long begin, long bytes, long entries) {}

    private final Path file;
    private final MappedFile mapped;
    private final MemoryBudget budget;
    private final Map<String, Entry> entries = new LinkedHashMap<>();

    private ZipIndex(Path file, MappedFile mapped, MemoryBudget budget) {
        this.file = file;
        this.mapped = mapped;
        this.budget = budget;
    }

    /** Reads the directory. Checks that entries are inside the file and do not overlap. */
    static Map<String, Entry> read(Path file, MappedFile mapped, MemoryBudget budget) {
        ZipIndex index = new ZipIndex(file, mapped, budget);
        index.readEntries(index.directory());
        index.checkOverlaps();
        return index.entries;
    }

    private Directory directory() {
        long end = end();
        ByteBuffer record = mapped.slice(end, END_BYTES);
        long count = record.getShort(10) & 0xffffL;
        long bytes = record.getInt(12) & U32_MAX;
        long begin = record.getInt(16) & U32_MAX;
        if (count == 0xffff || bytes == U32_MAX || begin == U32_MAX) {
            ByteBuffer wide = end64(end);
            count = wide.getLong(32);
            bytes = wide.getLong(40);
            begin = wide.getLong(48);
        }
        if (begin < 0
                || begin > end
                || bytes < 0
                || bytes > Math.min(end - begin, MappedFile.MAX_SLICE)
                || count < 0
                || count > bytes / CENTRAL_BYTES) {
            throw error(
                    "the directory must end before byte %d, found %s entries in %s bytes from %s"
                            .formatted(
                                    end,
                                    Long.toUnsignedString(count),
                                    Long.toUnsignedString(bytes),
                                    Long.toUnsignedString(begin)));
        }
        return new Directory(begin, bytes, count);
    }

    /** {@return the position of the end record, which only a comment may follow} */
    private long end() {
        long first = Math.max(0, mapped.size() - END_BYTES - MAX_COMMENT);
        int length = (int) (mapped.size() - first);
        ByteBuffer tail = mapped.slice(first, length);
        for (int at = length - END_BYTES; at >= 0; at--) {
            if (tail.getInt(at) == 0x06054b50
                    && at + END_BYTES + (tail.getShort(at + 20) & 0xffff) == length) {
                return first + at;
            }
        }
        throw error("a zip file must end with its directory, found none; the file is truncated");
    }

    private ByteBuffer end64(long end) {
        long locator = end - LOCATOR_BYTES;
        if (locator >= 0) {
            ByteBuffer found = mapped.slice(locator, LOCATOR_BYTES);
            long at = found.getLong(8);
            if (found.getInt(0) == 0x07064b50 && at >= 0 && at <= locator - END64_BYTES) {
                ByteBuffer record = mapped.slice(at, END64_BYTES);
                if (record.getInt(0) == 0x06064b50) {
                    return record;
                }
            }
        }
        throw error("a zip file of this size must have a zip64 directory, found none");
    }

    private void readEntries(Directory directory) {
        ByteBuffer in = mapped.slice(directory.begin, (int) directory.bytes);
        for (long i = 0; i < directory.entries; i++) {
            if (in.remaining() < CENTRAL_BYTES || in.getInt(in.position()) != 0x02014b50) {
                throw error("entry %d of the directory must be complete".formatted(i));
            }
            int at = in.position();
            int nameBytes = in.getShort(at + 28) & 0xffff;
            int extraBytes = in.getShort(at + 30) & 0xffff;
            int total = CENTRAL_BYTES + nameBytes + extraBytes + (in.getShort(at + 32) & 0xffff);
            if (total > in.remaining()) {
                throw error("entry %d of the directory must be complete".formatted(i));
            }
            budget.charge(4L * MemoryBudget.OBJECT + 3L * nameBytes);
            byte[] name = new byte[nameBytes];
            in.get(at + CENTRAL_BYTES, name);
            String text = new String(name, StandardCharsets.UTF_8);
            ByteBuffer extra = zip64(in.slice(at + CENTRAL_BYTES + nameBytes, extraBytes));
            long unpacked = wide(in.getInt(at + 24), extra, text);
            long packed = wide(in.getInt(at + 20), extra, text);
            long local = wide(in.getInt(at + 42), extra, text);
            boolean encrypted = (in.getShort(at + 8) & 1) != 0;
            boolean stored = in.getShort(at + 10) == 0 && packed == unpacked;
            long begin = begin(text, name, local, packed, directory.begin);
            if (entries.put(text, new Entry(begin, packed, stored && !encrypted)) != null) {
                throw error("names must be unique, found " + JsonText.quote(text) + " again");
            }
            in.position(at + total);
        }
    }

    /** {@return the zip64 fields of 8 bytes, which replace fields of 4 bytes; null without any} */
    private static @Nullable ByteBuffer zip64(ByteBuffer extra) {
        ByteBuffer in = extra.order(ByteOrder.LITTLE_ENDIAN);
        while (in.remaining() >= 4) {
            int id = in.getShort() & 0xffff;
            int length = Math.min(in.getShort() & 0xffff, in.remaining());
            if (id == ZIP64_EXTRA) {
                return in.slice(in.position(), length).order(ByteOrder.LITTLE_ENDIAN);
            }
            in.position(in.position() + length);
        }
        return null;
    }

    private long wide(int field, @Nullable ByteBuffer extra, String name) {
        long value = field & U32_MAX;
        if (value != U32_MAX) {
            return value;
        }
        if (extra == null || extra.remaining() < Long.BYTES) {
            throw error("entry " + JsonText.quote(name) + " must have its zip64 sizes");
        }
        return extra.getLong();
    }

    // Directory and entry must agree on the name, or two readers could see two different files.
    private long begin(String text, byte[] name, long local, long bytes, long limit) {
        if (local >= 0 && local <= limit - LOCAL_BYTES - name.length) {
            ByteBuffer header = mapped.slice(local, LOCAL_BYTES);
            int nameBytes = header.getShort(26) & 0xffff;
            long begin = local + LOCAL_BYTES + nameBytes + (header.getShort(28) & 0xffff);
            if (header.getInt(0) == 0x04034b50
                    && nameBytes == name.length
                    && mapped.slice(local + LOCAL_BYTES, nameBytes).equals(ByteBuffer.wrap(name))
                    && bytes >= 0
                    && bytes <= limit - begin) {
                return begin;
            }
        }
        throw error(
                "entry %s must end before the directory, found %s bytes at %s"
                        .formatted(
                                JsonText.quote(text),
                                Long.toUnsignedString(bytes),
                                Long.toUnsignedString(local)));
    }

    private void checkOverlaps() {
        List<Map.Entry<String, Entry>> sorted = new ArrayList<>(entries.entrySet());
        sorted.sort(Comparator.comparingLong(entry -> entry.getValue().begin()));
        long end = 0;
        for (Map.Entry<String, Entry> entry : sorted) {
            if (entry.getValue().begin() < end) {
                throw error("entry " + JsonText.quote(entry.getKey()) + " overlaps another");
            }
            end = entry.getValue().begin() + entry.getValue().bytes();
        }
    }

    private WeightsException error(String problem) {
        return WeightsException.in(file, "zip: " + problem);
    }
}

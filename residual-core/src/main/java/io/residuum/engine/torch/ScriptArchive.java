package io.residuum.engine.torch;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** A TorchScript archive: a zip file with uncompressed, aligned entries in one folder. */
public final class ScriptArchive implements AutoCloseable {
    private static final String FOLDER = "residuum/";
    private static final int ALIGNMENT = 64;
    private static final int LOCAL_HEADER = 30;
    private static final int EXTRA_HEADER = 4;
    // The extra field that holds the padding; PyTorch uses the same id.
    private static final short PADDING_ID = 0x4246;

    private final Counted counted;
    private final ZipOutputStream zip;

    private ScriptArchive(OutputStream out) {
        counted = new Counted(out);
        zip = new ZipOutputStream(counted);
        zip.setMethod(ZipOutputStream.STORED);
    }

    /**
     * Begins an archive.
     *
     * @param out the destination; stays open
     * @param code the source of the module and its classes
     * @param data the pickled module
     * @throws IOException if the archive cannot be written
     */
    public static ScriptArchive begin(OutputStream out, String code, byte[] data)
            throws IOException {
        ScriptArchive archive = new ScriptArchive(out);
        archive.add("version", "10\n".getBytes(StandardCharsets.US_ASCII));
        archive.add("byteorder", "little".getBytes(StandardCharsets.US_ASCII));
        archive.add("constants.pkl", new Pickler().emptyTuple().end());
        archive.add("code/__torch__.py", code.getBytes(StandardCharsets.UTF_8));
        archive.add("data.pkl", data);
        return archive;
    }

    /** Adds a text as one of PyTorch's extra files. */
    public void addExtra(String name, String text) throws IOException {
        add("extra/" + name, text.getBytes(StandardCharsets.UTF_8));
    }

    private void add(String name, byte[] content) throws IOException {
        add(name, ByteBuffer.wrap(content));
    }

    /** Adds the elements of a tensor. */
    public void addStorage(int key, ByteBuffer content) throws IOException {
        add("data/" + key, content);
    }

    private void add(String name, ByteBuffer content) throws IOException {
        ZipEntry entry = new ZipEntry(FOLDER + name);
        CRC32 crc = new CRC32();
        crc.update(content.duplicate());
        entry.setCrc(crc.getValue());
        entry.setSize(content.remaining());
        entry.setCompressedSize(content.remaining());
        // A fixed time, so that equal networks give equal files.
        entry.setTimeLocal(java.time.LocalDateTime.of(1980, 1, 1, 0, 0));
        long begin = counted.count + LOCAL_HEADER + entry.getName().length() + EXTRA_HEADER;
        int padding = (int) (-begin & (ALIGNMENT - 1));
        entry.setExtra(
                ByteBuffer.allocate(EXTRA_HEADER + padding)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putShort(PADDING_ID)
                        .putShort((short) padding)
                        .array());
        zip.putNextEntry(entry);
        byte[] chunk = new byte[1 << 16];
        for (ByteBuffer rest = content.duplicate(); rest.hasRemaining(); ) {
            int size = Math.min(chunk.length, rest.remaining());
            rest.get(chunk, 0, size);
            zip.write(chunk, 0, size);
        }
        zip.closeEntry();
    }

    /** Completes the archive; the destination stays open. */
    @Override
    public void close() throws IOException {
        zip.finish();
    }

    private static final class Counted extends FilterOutputStream {
        private long count;

        Counted(OutputStream out) {
            super(out);
        }

        @Override
        public void write(int b) throws IOException {
            out.write(b);
            count++;
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            out.write(bytes, from, length);
            count += length;
        }
    }
}

package io.residuum.weights;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Pickles written opcode by opcode, a character a byte, and PyTorch files that hold them. */
final class PickleBytes {
    private static final String LEGACY_START =
            "\u0080\2\u008a\12\u006c\u00fc\u009c\u0046\u00f9\u0020\u006a\u00a8\u0050\u0019."
                    + "\u0080\2M\u00e9\3.\u0080\2}.";

    private PickleBytes() {}

    static byte[] bytes(String opcodes) {
        return opcodes.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** The opcodes of a text of at most 255 bytes. */
    static String text(String text) {
        return "\u008c" + (char) text.length() + text;
    }

    /** The opcodes of a tensor of F32: four elements in storage "0". */
    static String tensor(String offset, String shape, String strides) {
        return "ctorch._utils\n_rebuild_tensor_v2\n("
                + "("
                + text("storage")
                + "ctorch\nFloatStorage\n"
                + text("0")
                + text("cpu")
                + "K\4tQ"
                + offset
                + shape
                + strides
                + "\u0089}tR";
    }

    /** The opcodes of a tensor of four elements. */
    static String tensor() {
        return tensor("K\0", "K\4\u0085", "K\1\u0085");
    }

    /** Writes a legacy file of a pickle without storages. */
    static Path legacy(Path file, String opcodes) throws IOException {
        return Files.write(file, bytes(LEGACY_START + opcodes + "\u0080\2]."));
    }

    /** Writes a zip file of a pickle and storage "0", of 16 bytes. */
    static Path zip(Path file, String opcodes) throws IOException {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        entries.put("a/data.pkl", bytes(opcodes));
        entries.put("a/data/0", new byte[16]);
        return zip(file, entries, ZipEntry.STORED);
    }

    /** Writes a zip file. */
    static Path zip(Path file, Map<String, byte[]> entries, int method) throws IOException {
        try (OutputStream out = Files.newOutputStream(file);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                ZipEntry header = new ZipEntry(entry.getKey());
                CRC32 crc = new CRC32();
                crc.update(entry.getValue());
                header.setMethod(method);
                header.setSize(entry.getValue().length);
                header.setCrc(crc.getValue());
                zip.putNextEntry(header);
                zip.write(entry.getValue());
                zip.closeEntry();
            }
        }
        return file;
    }
}

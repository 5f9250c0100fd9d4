package io.residuum.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.json.JsonReader;
import io.residuum.weights.quantized.QuantizedFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code types.gguf} and what the Python package gguf reads from it: docs/parity/gguf_files.py. */
class GgufTest {
    @TempDir Path folder;

    private static Path file(String name) throws URISyntaxException {
        return Path.of(Objects.requireNonNull(GgufTest.class.getResource(name)).toURI());
    }

    @Test
    void tensorsAreThoseOfTheReference() throws URISyntaxException {
        try (StateDict found = StateDict.open(file("types.gguf"));
                Safetensors golden = Safetensors.open(file("types.safetensors"))) {
            assertEquals(
                    List.of("F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q6_K"),
                    List.copyOf(found.names()));
            for (String name : found.names()) {
                assertEquals(golden.info(name).shape(), found.info(name).shape(), name);
                float[] all = golden.floats(name);
                if (name.equals("Q6_K")) {
                    // NumPy multiplies the scales first.
                    assertArrayEquals(all, found.floats(name), 1e-6f);
                    all = found.floats(name);
                } else {
                    assertArrayEquals(all, found.floats(name), name);
                }
                int[] ends = {0, 1, 31, 32, 33, 100, all.length};
                for (int from : ends) {
                    for (int to : ends) {
                        if (from <= to) {
                            assertArrayEquals(
                                    Arrays.copyOfRange(all, from, to),
                                    found.floats(name, from, to - from),
                                    name + " from " + from + " to " + to);
                        }
                    }
                }
            }
            assertEquals(Optional.of(new QuantizedFormat(8, 32)), found.format("Q8_0"));
            assertEquals(Optional.of(new QuantizedFormat(4, 32)), found.format("Q4_0"));
            assertEquals(Optional.empty(), found.format("Q6_K"));
            assertEquals(TensorType.BF16, found.info("BF16").type());
            assertThrows(IndexOutOfBoundsException.class, () -> found.floats("F32", 192, 1));
            assertThrows(WeightsException.class, () -> found.longs("Q8_0"));
            assertThrows(WeightsException.class, () -> found.floats("none"));
            // Views of wrappers and prefixes know the format, too.
            assertEquals(
                    Optional.of(new QuantizedFormat(8, 32)),
                    found.select(n -> Optional.of("x." + n), Set.of()).format("x.Q8_0"));
        }
    }

    @Test
    void metadataOfEveryType() throws URISyntaxException {
        try (Gguf found = Gguf.open(file("types.gguf"))) {
            assertEquals(
                    JsonReader.parse(
                                    """
                                    {"general.architecture": "llama",
                                     "v.u8": 200, "v.i8": -100, "v.u16": 60000, "v.i16": -30000,
                                     "v.u32": 4000000000, "v.i32": -2000000000,
                                     "v.u64": 18446744073709551615, "v.i64": -9223372036854775808,
                                     "v.f32": 1.0E-5, "v.f64": 1e-300, "v.bool": true, "v.text": "naïve",
                                     "v.numbers": [1, 2, 3], "v.texts": ["a", ""]}
                                    """,
                                    "expected")
                            .compact(),
                    found.json().compact());
            assertEquals("llama", found.metadata().get(Gguf.ARCHITECTURE));
            assertEquals("18446744073709551615", found.metadata().get("v.u64"));
            assertEquals(null, found.metadata().get("v.numbers"));
        }
    }

    /** Writes a file by parts, each of which a test can change. */
    private static final class Writer {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Writer ints(int... values) {
            for (int value : values) {
                out.writeBytes(little(Integer.BYTES).putInt(value).array());
            }
            return this;
        }

        Writer longs(long... values) {
            for (long value : values) {
                out.writeBytes(little(Long.BYTES).putLong(value).array());
            }
            return this;
        }

        Writer text(String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            longs(bytes.length);
            out.writeBytes(bytes);
            return this;
        }

        Writer zeros(int count) {
            out.writeBytes(new byte[count]);
            return this;
        }

        Writer aligned() {
            return zeros((32 - out.size() % 32) % 32);
        }

        private static ByteBuffer little(int bytes) {
            return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        }
    }

    private static final int MAGIC = 0x46554747;

    /** Begins a file. */
    private static Writer header(int version, long tensors, long keys) {
        return new Writer().ints(MAGIC, version).longs(tensors, keys);
    }

    /** Describes a tensor of two dimensions. */
    private static Writer tensor(
            Writer to, String name, long columns, long rows, int type, long at) {
        return to.text(name).ints(2).longs(columns, rows).ints(type).longs(at);
    }

    private void refuses(Writer content, String message) throws IOException {
        Path file = Files.write(folder.resolve("x.gguf"), content.out.toByteArray());
        WeightsException e = assertThrows(WeightsException.class, () -> StateDict.open(file));
        assertEquals(file + ": " + message, e.getMessage());
    }

    @Test
    void tensorsFollowEachOther() throws IOException {
        Writer two = tensor(header(2, 2, 0), "a", 32, 2, 8, 0);
        tensor(two, "b", 3, 1, 0, 96).aligned().zeros(96).zeros(12);
        Path file = Files.write(folder.resolve("x.gguf"), two.out.toByteArray());
        try (StateDict found = StateDict.open(file)) {
            assertArrayEquals(new float[64], found.floats("a"));
            assertEquals(List.of(1L, 3L), found.info("b").shape());
        }
        refuses(two.aligned().zeros(1), "the tensors must end the file, found 21 bytes after them");
        refuses(
                tensor(tensor(header(3, 2, 0), "a", 32, 2, 8, 0), "b", 3, 1, 0, 64)
                        .aligned()
                        .zeros(256),
                "tensor \"b\" must begin at 96, after the tensor before it, found 64");
        refuses(
                tensor(tensor(header(3, 2, 0), "a", 32, 2, 8, 0), "a", 3, 1, 0, 96)
                        .aligned()
                        .zeros(256),
                "tensors must have different names, found two \"a\"");
        refuses(
                tensor(header(3, 1, 0), "a", 32, 2, 8, 0).aligned().zeros(67),
                "tensor \"a\" must end within the file's 163 bytes, but has 68 from byte 96; the"
                        + " file may be truncated");
    }

    @Test
    void typesThatAreNotReadAreNamed() throws IOException {
        String read =
                "tensor \"a\" must have the type F32, F16, BF16, Q8_0, Q4_0, Q4_1 or Q6_K, found"
                        + " %s; use a Q8_0, Q4_0 or F16 file of this model, or make one with"
                        + " llama-quantize (before byte 57)";
        refuses(tensor(header(3, 1, 0), "a", 256, 1, 12, 0), read.formatted("Q4_K"));
        refuses(tensor(header(3, 1, 0), "a", 256, 1, 39, 0), read.formatted("MXFP4"));
        refuses(tensor(header(3, 1, 0), "a", 256, 1, 4, 0), read.formatted("number 4"));
        refuses(tensor(header(3, 1, 0), "a", 256, 1, -1, 0), read.formatted("number 4294967295"));
        refuses(
                tensor(header(3, 1, 0), "a", 33, 1, 8, 0),
                "tensor \"a\": rows of Q8_0 must have a multiple of 32 elements, found 33 (before"
                        + " byte 57)");
    }

    @Test
    void versionsAndPartsAreRefused() throws IOException {
        String version =
                "a GGUF file must have version 2 or 3, found %s; convert the model with a current"
                        + " llama.cpp (before byte 8)";
        refuses(header(1, 0, 0), version.formatted("1"));
        refuses(header(3 << 24, 0, 0), version.formatted("a file in big-endian order"));
        refuses(
                header(3, 0, 1).text("split.count").ints(4, 3),
                "a GGUF model must be in one file, found one of 3; join them with llama-gguf-split"
                        + " --merge");
        Path file = Files.write(folder.resolve("y.gguf"), header(3, 0, 0).out.toByteArray());
        assertThrows(WeightsException.class, () -> StateDict.open(file, StateDict.Variant.EMA));
        assertTrue(StateDict.open(file).names().isEmpty());
    }

    @Test
    void noLengthIsTrusted() throws IOException {
        refuses(
                header(3, Long.MAX_VALUE, 0),
                "the number of tensors must be at most 0 for the file's length, found"
                    + " 9223372036854775807; the file is truncated or damaged (before byte 16)");
        refuses(
                header(3, 0, -1).zeros(26),
                "the number of metadata keys must be at most 2 for the file's length, found"
                    + " 18446744073709551615; the file is truncated or damaged (before byte 24)");
        refuses(
                header(3, 0, 1).longs(1L << 40).zeros(8),
                "a metadata key must fit the file's remaining 8 bytes, found 1099511627776; the"
                        + " file is truncated or damaged (before byte 32)");
        refuses(
                header(3, 0, 1).text("k").ints(9, 8).longs(1 << 30),
                "the number of items of \"k\" must be at most 0 for the file's length, found"
                        + " 1073741824; the file is truncated or damaged (before byte 49)");
        refuses(
                header(3, 0, 1).text("k").ints(9, 9).longs(1),
                "the value of \"k\" must not be an array of arrays (before byte 41)");
        refuses(
                header(3, 0, 1).text("k").ints(13),
                "the value of \"k\" must have a type from 0 to 12, found 13 (before byte 37)");
        refuses(
                header(3, 0, 1).text("k").ints(6, Float.floatToIntBits(Float.NaN)),
                "the value of \"k\" must be finite numbers, found NaN (before byte 41)");
        refuses(
                header(3, 0, 2).text("k").ints(4, 1).text("k").ints(4, 2),
                "metadata keys must differ, found two \"k\" (before byte 58)");
        refuses(
                header(3, 0, 1).text("general.alignment").ints(4, 24),
                "general.alignment must be a power of 2 up to 1048576, found 24 (before byte 57)");
        refuses(
                header(3, 1, 0).text("a").ints(5).zeros(64),
                "tensor \"a\" must have at most 4 dimensions, found 5 (before byte 37)");
        refuses(
                tensor(header(3, 1, 0), "a", 32, -1, 8, 0),
                "tensor \"a\": dimensions must be at least 0, found shape [-1, 32]");
        refuses(
                tensor(header(3, 1, 0), "a", 1L << 40, 1L << 40, 0, 0),
                "tensor \"a\": shape [1099511627776, 1099511627776] of F32 must fit 2^63 bits and a"
                        + " whole number of bytes");
    }

    @Test
    void jsonOfAFileWithoutMagicIsRefused() throws IOException {
        Path file = Files.writeString(folder.resolve("z.gguf"), "{}");
        WeightsException e = assertThrows(WeightsException.class, () -> Gguf.open(file));
        assertEquals(file + ": a GGUF file must begin with GGUF", e.getMessage());
    }
}

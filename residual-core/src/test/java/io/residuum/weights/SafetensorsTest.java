package io.residuum.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.testing.SharedData;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ReadOnlyBufferException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsTest {
    @TempDir Path folder;

    @Nested
    class OfPython {
        private Safetensors file;

        @BeforeEach
        void open() throws IOException {
            Path path = folder.resolve("golden.safetensors");
            file = Safetensors.open(Files.write(path, Golden.bytes()));
        }

        @Test
        void listsNamesInTheOrderOfTheData() {
            assertEquals(
                    List.of(
                            "u64", "i64", "f64", "c64", "empty", "f32", "größe\n", "u32", "i32",
                            "bf16", "f16", "u16", "i16", "f8", "i8", "u8", "bool"),
                    List.copyOf(file.names()));
            assertEquals(
                    new TensorInfo("bf16", TensorType.BF16, List.of(2L, 2L), 8), file.info("bf16"));
            assertEquals(new TensorInfo("i64", TensorType.I64, List.of(), 8), file.info("i64"));
        }

        @Test
        void keepsTheMetadataInOrder() {
            assertEquals(Map.of("format", "pt", "quote", "\"é\\"), file.metadata());
            assertEquals(List.of("format", "quote"), List.copyOf(file.metadata().keySet()));
        }

        @Test
        void readsFloats() {
            float inf = Float.POSITIVE_INFINITY;
            assertArrayEquals(
                    new float[] {1, -2.5f, 65504, inf, 0x1p-24f, Float.NaN, 0.099975586f},
                    file.floats("f16"));
            assertArrayEquals(
                    new float[] {1, -3.140625f, 3.3895314e38f, -inf}, file.floats("bf16"));
            assertArrayEquals(new float[] {0.1f, -1.5f}, file.floats("f32"));
            assertArrayEquals(new float[] {0.1f}, file.floats("f64"));
            assertArrayEquals(new float[] {1}, file.floats("größe\n"));
            assertArrayEquals(new float[0], file.floats("empty"));
        }

        @Test
        void readsIntegersAsLongsAndAsFloats() {
            Map<String, long[]> expected =
                    Map.of(
                            "i8", new long[] {-128, 127},
                            "u8", new long[] {0, 255},
                            "i16", new long[] {-32768, 32767},
                            "u16", new long[] {65535},
                            "i32", new long[] {Integer.MIN_VALUE},
                            "u32", new long[] {0xffffffffL},
                            "i64", new long[] {Long.MIN_VALUE},
                            "bool", new long[] {1, 0, 1});
            expected.forEach(
                    (name, values) -> {
                        assertArrayEquals(values, file.longs(name), name);
                        float[] floats = file.floats(name);
                        for (int i = 0; i < values.length; i++) {
                            assertEquals((float) values[i], floats[i], name);
                        }
                    });
            assertEquals("18446744073709551615", Long.toUnsignedString(file.longs("u64")[0]));
            assertArrayEquals(new float[] {0x1p64f}, file.floats("u64"));
        }

        @Test
        void refusesToConvertWhatItDoesNotUnderstand() {
            assertMessage("tensor \"f8\": type F8_E4M3 cannot", () -> file.floats("f8"));
            assertMessage("tensor \"c64\": type C64 cannot", () -> file.floats("c64"));
            assertMessage("tensor \"f32\": type F32 cannot", () -> file.longs("f32"));
            assertMessage("no tensor \"f33\" among its 17", () -> file.floats("f33"));
            assertEquals(
                    1 + 2 * 2, file.bytes("c64").getFloat(0) + 2 * file.bytes("c64").getFloat(4));
        }

        @Test
        void readsParts() {
            assertArrayEquals(
                    new float[] {65504, Float.POSITIVE_INFINITY}, file.floats("f16", 2, 2));
            assertThrows(IndexOutOfBoundsException.class, () -> file.floats("f16", 6, 2));
            assertEquals(127, file.bytes("i8", 1, 1).get());
            assertThrows(IndexOutOfBoundsException.class, () -> file.bytes("i8", 1, 2));
        }

        @Test
        void bytesCannotBeWrittenAndOutliveTheFile() {
            ByteBuffer bytes = file.bytes("f32");
            file.close();
            assertEquals(ByteOrder.LITTLE_ENDIAN, bytes.order());
            assertEquals(0.1f, bytes.getFloat(0));
            assertThrows(ReadOnlyBufferException.class, () -> bytes.put(0, (byte) 1));
            assertThrows(IllegalStateException.class, () -> file.floats("f32"));
        }

        @Test
        void copiesBitForBit() {
            Path copied = folder.resolve("copied.safetensors");
            SafetensorsWriter writer = new SafetensorsWriter();
            file.names().forEach(name -> writer.copy("copy." + name, file, name));
            writer.write(copied);
            try (Safetensors copy = Safetensors.open(copied)) {
                for (String name : file.names()) {
                    assertEquals(file.bytes(name), copy.bytes("copy." + name), name);
                    assertEquals(file.info(name).shape(), copy.info("copy." + name).shape());
                    assertEquals(file.info(name).type(), copy.info("copy." + name).type());
                }
            }
        }
    }

    @Nested
    class Sharded {
        private Path index;

        private void write(String json) throws IOException {
            index = folder.resolve("model.safetensors.index.json");
            new SafetensorsWriter()
                    .metadata("format", "pt")
                    .add("b", new long[] {2}, new float[] {3, 4})
                    .add("unlisted", new long[] {1}, new float[] {9})
                    .write(folder.resolve("model-00002-of-00002.safetensors"));
            new SafetensorsWriter()
                    .add("a", new long[] {1, 2}, new float[] {1, 2})
                    .add("b", new long[] {2}, new float[] {-1, -1})
                    .write(folder.resolve("model-00001-of-00002.safetensors"));
            Files.writeString(index, json);
        }

        @Test
        void readsEachTensorFromTheFileThatTheIndexNames() throws IOException {
            write(
                    """
                    {"metadata": {"total_size": 16, "tied": true, "nested": {"x": [1, {}, null]}},
                     "weight_map": {"b": "model-00002-of-00002.safetensors",
                                    "a": "model-00001-of-00002.safetensors"}}
                    """);
            try (Safetensors file = Safetensors.open(index)) {
                assertEquals(List.of("a", "b"), List.copyOf(file.names()));
                assertArrayEquals(new float[] {1, 2}, file.floats("a"));
                assertArrayEquals(new float[] {3, 4}, file.floats("b"));
                assertEquals(
                        Map.of("total_size", "16", "tied", "true", "format", "pt"),
                        file.metadata());
            }
        }

        @Test
        void namesATensorThatIsNotWhereTheIndexSays() throws IOException {
            write("{\"weight_map\": {\"c\": \"model-00001-of-00002.safetensors\"}}");
            assertMessage(
                    "tensor \"c\" must be in model-00001-of-00002.safetensors",
                    () -> Safetensors.open(index));
        }

        @Test
        void namesAShardThatIsMissing() throws IOException {
            write("{\"weight_map\": {\"c\": \"model-00003-of-00002.safetensors\"}}");
            assertMessage(
                    "model-00003-of-00002.safetensors: cannot be read: no such file",
                    () -> Safetensors.open(index));
        }

        @Test
        void opensNothingOutsideItsFolder() throws IOException {
            for (String shard :
                    List.of(
                            "../x.safetensors",
                            "/etc/x.safetensors",
                            "a\\\\..\\\\x.safetensors",
                            "C:x.safetensors",
                            "x\\u0000.safetensors",
                            "passwd")) {
                write("{\"weight_map\": {\"c\": \"" + shard + "\"}}");
                assertMessage(
                        "a shard must be a .safetensors file beside the index",
                        () -> Safetensors.open(index));
            }
        }

        @Test
        void refusesAnIndexThatNestsWithoutEnd() throws IOException {
            write("{\"x\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}");
            assertMessage("nested deeper than 200 levels", () -> Safetensors.open(index));
        }

        @Test
        void refusesAnIndexOfNothing() throws IOException {
            write("{\"metadata\": {}}");
            assertMessage(
                    "weight_map must name at least one tensor", () -> Safetensors.open(index));
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX) // where a file may have holes, without asking
    void readsBeyondTwoGibibytes() throws IOException {
        long elements = (5L << 30) / 4 + 3; // 5 GiB of zeros, but for the ends
        String json =
                ("{\"big\":{\"dtype\":\"F32\",\"shape\":[%d],\"data_offsets\":[0,%d]},"
                     + "\"last\":{\"dtype\":\"I16\",\"shape\":[2],\"data_offsets\":[%d,%d]}}")
                        .formatted(elements, elements * 4, elements * 4, elements * 4 + 4);
        Path path = folder.resolve("sparse.safetensors");
        long dataStart = 8 + json.length();
        try (RandomAccessFile raw = new RandomAccessFile(path.toFile(), "rw")) {
            ByteBuffer start = ByteBuffer.allocate((int) dataStart).order(ByteOrder.LITTLE_ENDIAN);
            start.putLong(json.length()).put(json.getBytes(StandardCharsets.US_ASCII));
            raw.write(start.array());
            raw.setLength(dataStart + elements * 4 + 4);
            raw.seek(dataStart + (elements - 2) * 4);
            raw.write(new byte[] {0, 0, (byte) 0x80, 0x3f, 0, 0, 0, 0x40, 1, 0, 2, 0});
        }
        try (Safetensors file = Safetensors.open(path)) {
            assertEquals(elements, file.info("big").elements());
            assertArrayEquals(new float[] {0, 1, 2}, file.floats("big", elements - 3, 3));
            assertArrayEquals(new long[] {1, 2}, file.longs("last"));
            // A range that starts in one GiB and ends in the next but one cannot be one slice.
            long gib = 1L << 30;
            assertEquals(gib, file.bytes("big", gib - 1, (int) gib).remaining());
            assertMessage("up to 1 GiB at once", () -> file.bytes("big"));
            assertThrows(
                    IndexOutOfBoundsException.class, () -> file.bytes("big", 0, (int) gib + 1));
        }
    }

    @Test
    void readsAPublishedModel() {
        try (Safetensors file =
                Safetensors.open(SharedData.require("cifar-resnet/resnet20.safetensors"))) {
            assertEquals(97, file.names().size());
            assertEquals(List.of(16L, 3L, 3L, 3L), file.info("conv1.weight").shape());
            double sum = 0;
            for (float value : file.floats("conv1.weight")) {
                sum += value;
            }
            assertEquals(1.3100982000032673, sum, 1e-12); // torch, in float64
            assertEquals(
                    271098, file.names().stream().mapToLong(n -> file.info(n).elements()).sum());
        }
    }

    @Test
    void saysWhatIsWrongWithAPath() {
        assertMessage("no such file", () -> Safetensors.open(folder.resolve("x.safetensors")));
        assertMessage("must be a regular file", () -> Safetensors.open(folder));
    }

    static void assertMessage(String part, Executable action) {
        WeightsException e = assertThrows(WeightsException.class, action);
        assertTrue(e.getMessage().contains(part), e.getMessage());
        assertFalse(e.getMessage().contains("\n"), e.getMessage());
    }
}

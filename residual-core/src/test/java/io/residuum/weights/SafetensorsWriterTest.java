package io.residuum.weights;

import static io.residuum.weights.SafetensorsTest.assertMessage;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SafetensorsWriterTest {
    @TempDir Path folder;

    @Test
    void writesTheBytesOfTheFormat() throws IOException {
        Path file = folder.resolve("a.safetensors");
        new SafetensorsWriter()
                .metadata("k\"\n", "é")
                .add("b", new long[] {1, 2}, new float[] {1, -2})
                .add("a", new long[] {}, new int[] {-1})
                .write(file);
        String header =
                "{\"__metadata__\":{\"k\\\"\\n\":\"é\"},"
                        + "\"b\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[0,8]},"
                        + "\"a\":{\"dtype\":\"I32\",\"shape\":[],\"data_offsets\":[8,12]}}";
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        int padded = (json.length + 7) / 8 * 8;
        ByteBuffer expected = ByteBuffer.allocate(8 + padded + 12).order(ByteOrder.LITTLE_ENDIAN);
        expected.putLong(padded).put(json);
        while (expected.position() < 8 + padded) {
            expected.put((byte) ' ');
        }
        expected.putFloat(1).putFloat(-2).putInt(-1);
        assertArrayEquals(expected.array(), Files.readAllBytes(file));
    }

    @ParameterizedTest
    @EnumSource(names = {"F16", "BF16", "F32", "F64"})
    void readsBackFloats(TensorType type) {
        // Representable in all types; more than one chunk of the encoder.
        float[] values = new float[70_001];
        for (int i = 0; i < values.length; i++) {
            values[i] = (i % 255 - 127) * 0.25f;
        }
        values[70_000] = Float.NEGATIVE_INFINITY;
        values[69_999] = Float.NaN;
        values[69_998] = -0.0f;
        Path file = folder.resolve("a.safetensors");
        new SafetensorsWriter().add("t", type, new long[] {70_001}, () -> values).write(file);
        try (Safetensors read = Safetensors.open(file)) {
            assertArrayEquals(values, read.floats("t"));
            assertEquals(type, read.info("t").type());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "BOOL, 0, 1",
        "U8, 0, 255",
        "I8, -128, 127",
        "U16, 0, 65535",
        "I16, -32768, 32767",
        "U32, 0, 4294967295",
        "I32, -2147483648, 2147483647",
        "U64, 0, 9223372036854775807",
        "I64, -9223372036854775808, 9223372036854775807"
    })
    void readsBackIntegersAndRefusesOthers(TensorType type, long min, long max) {
        long[] values = new long[70_001];
        for (int i = 0; i < values.length; i++) {
            values[i] = i % 3 == 0 ? min : i % 3 == 1 ? max : 1;
        }
        Path file = folder.resolve("a.safetensors");
        SafetensorsWriter writer =
                new SafetensorsWriter().addLongs("t", type, new long[] {70_001}, () -> values);
        writer.write(file);
        try (Safetensors read = Safetensors.open(file)) {
            assertArrayEquals(values, read.longs("t"));
        }
        if (max != Long.MAX_VALUE) {
            values[70_000] = max + 1;
            assertMessage(type + " holds values from " + min, () -> writer.write(file));
        }
        if (min != Long.MIN_VALUE) {
            values[70_000] = min - 1;
            assertMessage(type + " holds values from " + min, () -> writer.write(file));
        }
    }

    @Test
    void keepsTheOrderOfAdding() {
        Path file = folder.resolve("a.safetensors");
        SafetensorsWriter writer = new SafetensorsWriter().metadata("z", "1").metadata("a", "2");
        List<String> names = List.of("z", "empty", "a", "m", "empty too");
        for (String name : names) {
            int n = name.startsWith("empty") ? 0 : 1;
            writer.add(name, new long[] {n, 3}, new long[3 * n]);
        }
        writer.write(file);
        try (Safetensors read = Safetensors.open(file)) {
            assertEquals(names, List.copyOf(read.names()));
            assertEquals(List.of("z", "a"), List.copyOf(read.metadata().keySet()));
        }
    }

    @Test
    void writesAFileOfNothing() {
        Path file = folder.resolve("a.safetensors");
        new SafetensorsWriter().write(file);
        assertEquals(0, Safetensors.open(file).names().size());
    }

    @Test
    void fetchesValuesWhenTheyAreWrittenOneTensorAtATime() {
        AtomicInteger calls = new AtomicInteger();
        SafetensorsWriter writer = new SafetensorsWriter();
        for (int i = 0; i < 3; i++) {
            int expected = i;
            writer.add(
                    "t" + i,
                    TensorType.F32,
                    new long[] {1},
                    () -> {
                        assertEquals(expected, calls.getAndIncrement());
                        return new float[1];
                    });
        }
        assertEquals(0, calls.get());
        writer.write(folder.resolve("a.safetensors"));
        assertEquals(3, calls.get());
    }

    @Test
    void whatFailsLeavesTheFolderAsItWas() throws IOException {
        Path file = folder.resolve("a.safetensors");
        new SafetensorsWriter().add("t", new long[] {1}, new float[] {1}).write(file);
        byte[] before = Files.readAllBytes(file);
        SafetensorsWriter wrong =
                new SafetensorsWriter()
                        .add("fine", new long[] {100_000}, new float[100_000])
                        .add("t", TensorType.F32, new long[] {2}, () -> new float[3]);
        assertMessage(
                file + ": tensor \"t\": shape [2] must have 2 values, found 3",
                () -> wrong.write(file));
        assertArrayEquals(before, Files.readAllBytes(file));
        try (var files = Files.list(folder)) {
            assertEquals(List.of(file), files.toList());
        }
        assertMessage("must exist", () -> wrong.write(folder.resolve("no").resolve("b")));
    }

    @Test
    void mayReplaceTheFileItCopiesFrom() {
        Path file = folder.resolve("a.safetensors");
        new SafetensorsWriter().add("old", new long[] {2}, new float[] {1, 2}).write(file);
        try (Safetensors source = Safetensors.open(file)) {
            new SafetensorsWriter().copy("new", source, "old").write(file);
            assertArrayEquals(new float[] {1, 2}, source.floats("old"));
        }
        assertArrayEquals(new float[] {1, 2}, Safetensors.open(file).floats("new"));
    }

    @Test
    void refusesWhatAFileCannotHold() {
        SafetensorsWriter writer = new SafetensorsWriter();
        long[] one = {1};
        writer.add("t", one, new float[1]);
        assertMessage("names must be unique", () -> writer.add("t", one, new float[1]));
        assertMessage("must have 1 values, found 2", () -> writer.add("u", one, new float[2]));
        assertMessage(
                "reserved by the format", () -> writer.add("__metadata__", one, new float[1]));
        assertMessage("valid Unicode", () -> writer.add("\ud800", one, new float[1]));
        assertMessage("valid Unicode", () -> writer.metadata("\udc00", ""));
        assertMessage(
                "at least 0, found shape [-1]",
                () -> writer.add("u", new long[] {-1}, new float[1]));
        assertMessage(
                "floats cannot be written as I8",
                () -> writer.add("u", TensorType.I8, one, () -> new float[1]));
        assertMessage(
                "integers cannot be written as F16",
                () -> writer.addLongs("u", TensorType.F16, one, () -> new long[1]));
        // None of these was added.
        Path file = folder.resolve("a.safetensors");
        writer.write(file);
        assertEquals(List.of("t"), List.copyOf(Safetensors.open(file).names()));
    }

    @Test
    void writesPlainDigitsInEveryLocale() {
        Locale before = Locale.getDefault();
        Path file = folder.resolve("a.safetensors");
        try {
            Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
            assertEquals("\u0661", "%d".formatted(1)); // the locale is one that would show
            new SafetensorsWriter().add("t", new long[] {1}, new float[] {1}).write(file);
        } finally {
            Locale.setDefault(before);
        }
        assertArrayEquals(new float[] {1}, Safetensors.open(file).floats("t"));
    }

    @Test
    void writesTheSameBytesAgain() throws IOException {
        byte[][] files = new byte[2][];
        for (int i = 0; i < 2; i++) {
            Path file = folder.resolve(i + ".safetensors");
            float[] values = new float[1000];
            Arrays.fill(values, 0.5f);
            SafetensorsWriter writer = new SafetensorsWriter();
            for (int t = 0; t < 50; t++) {
                writer.metadata("key" + t, "v").add("t" + t, new long[] {10, 100}, values);
            }
            writer.write(file);
            files[i] = Files.readAllBytes(file);
        }
        assertArrayEquals(files[0], files[1]);
    }
}

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
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsHeaderTest {
    @TempDir Path folder;

    static Stream<Arguments> lies() {
        return Stream.of(
                lie(
                        "data must begin at 4, where the tensor before it ends, found 0",
                        8,
                        f32("a", "[1]", 0, 4),
                        f32("b", "[2]", 0, 8)),
                lie(
                        "data must begin at 4, where the tensor before it ends, found 8",
                        12,
                        f32("a", "[1]", 0, 4),
                        f32("b", "[1]", 8, 12)),
                lie("tensor \"a\": data must begin at 0", 8, f32("a", "[1]", 4, 8)),
                lie(
                        "the tensors must cover the file, found 3 bytes after them",
                        7,
                        f32("a", "[1]", 0, 4)),
                lie("within the 4 bytes of data, found [0, 8]", 4, f32("a", "[2]", 0, 8)),
                lie("data_offsets must be in order", 4, f32("a", "[1]", 4, 0)),
                lie("data_offsets must be in order", 4, f32("a", "[1]", -4, 0)),
                lie("shape [3] of F32 must take 12 bytes, found 4", 4, f32("a", "[3]", 0, 4)),
                lie(
                        "dimensions must be at least 0, found shape [-1, -1]",
                        4,
                        f32("a", "[-1,-1]", 0, 4)),
                lie("must fit 2^63 bits", 4, f32("a", "[4294967296,4294967296,0]", 0, 4)),
                lie("must fit 2^63 bits", 4, f32("a", "[1152921504606846976]", 0, 4)),
                lie(
                        "must be at most 64 integers of 64 bits, found [9223372036854775808]",
                        4,
                        f32("a", "[9223372036854775808]", 0, 4)),
                lie(
                        "must be at most 64 integers of 64 bits, found [1.0]",
                        4,
                        f32("a", "[1.0]", 0, 4)),
                lie("expected a value, found \"01\"", 4, f32("a", "[01]", 0, 4)),
                lie("must be at most 64 integers of 64 bits, found 1", 4, f32("a", "1", 0, 4)),
                lie("at most 64 integers", 4, f32("a", "[" + "1,".repeat(64) + "1]", 0, 4)),
                lie("duplicate key \"a\"", 8, f32("a", "[1]", 0, 4), f32("a", "[1]", 4, 8)),
                lie("duplicate key \"a\"", 8, f32("a", "[1]", 0, 4), f32("\\u0061", "[1]", 4, 8)),
                lie("unknown dtype \"F31\"", 4, f32("a", "[1]", 0, 4).replace("F32", "F31")),
                lie(
                        "a whole number of bytes",
                        1,
                        "'a':{'dtype':'F4','shape':[3],'data_offsets':[0,1]}"),
                lie(
                        "must have dtype, shape and two data_offsets",
                        4,
                        "'a':{'dtype':'F32','shape':[1]}"),
                lie(
                        "must have dtype, shape and two data_offsets",
                        4,
                        "'a':{'dtype':'F32','shape':[1],'data_offsets':[0]}"),
                lie("__metadata__ must be an object or null, found []", 0, "'__metadata__':[]"),
                lie("must have dtype, shape and two data_offsets", 0, "'a':null"),
                lie("__metadata__ must hold strings, found 1", 0, "'__metadata__':{'a':1}"),
                lie(
                        "names and metadata must be valid Unicode, found \"\\ud800\"",
                        0,
                        "'__metadata__':{'\\ud800':''}"),
                lie("unknown escape", 0, "'__metadata__':{'\\x':''}"),
                lie("four hexadecimal digits", 0, "'__metadata__':{'\\u00g0':''}"),
                lie(
                        "control characters in strings must be escaped",
                        0,
                        "'__metadata__':{'a\nb':''}"),
                lie("expected ':'", 0, "'a','b'"),
                lie("expected the end of the document, got more", 0, "},{"),
                lie("'}', found", 0, "'__metadata__':{} 'a':{}"));
    }

    private static Arguments lie(String message, int dataBytes, String... entries) {
        return Arguments.of(message, dataBytes, "{" + String.join(",", entries) + "}");
    }

    private static String f32(String name, String shape, long begin, long end) {
        return "'%s':{'dtype':'F32','shape':%s,'data_offsets':[%d,%d]}"
                .formatted(name, shape, begin, end);
    }

    @ParameterizedTest
    @MethodSource("lies")
    void refuses(String message, int dataBytes, String header) throws IOException {
        byte[] json = header.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        Path file = write(json.length, json, dataBytes);
        assertMessage(message, () -> Safetensors.open(file));
        assertMessage(file + ": ", () -> Safetensors.open(file));
    }

    @Test
    void refusesALengthThatTheFileDoesNotHave() throws IOException {
        byte[] json = "{}".getBytes(StandardCharsets.UTF_8);
        for (long length : new long[] {3, 1, 0, -1, 1L << 32, Long.MAX_VALUE, Long.MIN_VALUE}) {
            Path file = write(length, json, 0);
            assertMessage(
                    "must be from 2 to 2, found " + Long.toUnsignedString(length),
                    () -> Safetensors.open(file));
        }
    }

    @Test
    void tellsWhatAForeignFileBeginsWith() throws IOException {
        Path file =
                Files.writeString(
                        folder.resolve("x"), "version https://git-lfs.github.com/spec/v1\noid");
        assertMessage("it begins with \"version \"", () -> Safetensors.open(file));
    }

    @Test
    void refusesWhatIsNotUtf8() throws IOException {
        byte[] json = "{\"__metadata__\":{\"?\":\"\"}}".getBytes(StandardCharsets.UTF_8);
        for (byte[] bad : new byte[][] {{(byte) 0xff}, {(byte) 0xc3}, {(byte) 0xc0, (byte) 0x80}}) {
            byte[] broken = new byte[json.length + bad.length - 1];
            System.arraycopy(json, 0, broken, 0, 18);
            System.arraycopy(bad, 0, broken, 18, bad.length);
            System.arraycopy(json, 19, broken, 18 + bad.length, json.length - 19);
            Path file = write(broken.length, broken, 0);
            assertMessage("text must be valid UTF-8", () -> Safetensors.open(file));
        }
    }

    @Test
    void refusesAShortFileAndAHeaderThatIsNoObject() throws IOException {
        Path file = Files.write(folder.resolve("short"), new byte[7]);
        assertMessage("at least 8 bytes, found 7", () -> Safetensors.open(file));
        Path array = write(2, "[]".getBytes(StandardCharsets.UTF_8), 0);
        assertMessage("must begin with '{', found byte 91", () -> Safetensors.open(array));
    }

    @Test
    void acceptsEveryFormOfJson() throws IOException {
        String header =
                """
                {"\\u0061\\ud83d\\ude00/\\/\\b\\f\\n\\r\\t\\\\\\"": {
                  "data_offsets" : [ 0 , 0 ],\t"shape":[ 7,0 ] , "dtype":"F6_E2M3"},
                 "__metadata__": {}}\
                """;
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        try (Safetensors file = Safetensors.open(write(json.length, json, 0))) {
            assertEquals(List.of("a\ud83d\ude00//\b\f\n\r\t\\\""), List.copyOf(file.names()));
        }
    }

    /** The reference reader (safetensors 0.8) reads the same values. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'__metadata__':null,A}",
                "{A,'__metadata__':{'k':'v'}}",
                "{'a':{'more':1,'dtype':'F32','shape':[1],'data_offsets':[0,4],'x':{'y':[null]}}}",
                "{A}   \n\t ",
                "{'z':{'dtype':'F32','shape':[0,3],'data_offsets':[4,4]},A}",
                "{'y':{'dtype':'F64','shape':[0],'data_offsets':[0,0]},"
                        + "'z':{'dtype':'BOOL','shape':[0],'data_offsets':[0,0]},A}",
            })
    void readsWhatTheReferenceReads(String header) throws IOException {
        String entry = f32("a", "[1]", 0, 4);
        byte[] json =
                header.replace("A", entry).replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        try (Safetensors file = Safetensors.open(write(json.length, json, 4))) {
            assertEquals(List.of(1L), file.info("a").shape());
            assertArrayEquals(new float[1], file.floats("a"));
        }
    }

    /** The names of the reference reader (safetensors 0.8), for eight elements each. */
    @ParameterizedTest
    @CsvSource({
        "BOOL, 8",
        "U8, 8",
        "I8, 8",
        "U16, 16",
        "I16, 16",
        "U32, 32",
        "I32, 32",
        "U64, 64",
        "I64, 64",
        "F16, 16",
        "BF16, 16",
        "F32, 32",
        "F64, 64",
        "C64, 64",
        "F8_E4M3, 8",
        "F8_E5M2, 8",
        "F8_E8M0, 8",
        "F8_E4M3FNUZ, 8",
        "F8_E5M2FNUZ, 8",
        "F6_E2M3, 6",
        "F6_E3M2, 6",
        "F4, 4"
    })
    void hasTheTypesOfTheReference(String type, int bytes) throws IOException {
        String header =
                "{\"a\":{\"dtype\":\"%s\",\"shape\":[8],\"data_offsets\":[0,%d]}}"
                        .formatted(type, bytes);
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        try (Safetensors file = Safetensors.open(write(json.length, json, bytes))) {
            assertEquals(TensorType.valueOf(type), file.info("a").type());
        }
    }

    private Path write(long length, byte[] header, int dataBytes) throws IOException {
        ByteBuffer bytes =
                ByteBuffer.allocate(8 + header.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(length).put(header);
        return Files.write(folder.resolve("lie.safetensors"), bytes.array());
    }
}

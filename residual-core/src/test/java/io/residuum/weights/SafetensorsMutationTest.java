package io.residuum.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Broken and hostile files: they read fine or are refused in one line, and cost little. */
class SafetensorsMutationTest {
    private static final int MUTATIONS = 1000;

    @TempDir Path folder;

    private int refused;

    @BeforeEach
    void loadClasses() throws IOException {
        read(Golden.bytes(), "the file itself");
        assertEquals(0, refused);
    }

    @Test
    void ofAFileOfEveryType() throws IOException {
        byte[] golden = Golden.bytes();
        for (int seed = 0; seed < MUTATIONS; seed++) {
            read(mutate(golden, new Random(seed)), "seed " + seed);
        }
        // Flips in values and in names are harmless; most others must be noticed.
        assertTrue(refused > MUTATIONS / 4 && refused < MUTATIONS, refused + " refused");
    }

    @Test
    void ofAnIndex() throws IOException {
        Files.write(folder.resolve("a.safetensors"), Golden.bytes());
        byte[] index =
                "{\"metadata\":{\"total_size\":89},\"weight_map\":{\"f16\":\"a.safetensors\"}}"
                        .getBytes(StandardCharsets.UTF_8);
        for (int seed = 0; seed < 300; seed++) {
            Path file = folder.resolve("model.safetensors.index.json");
            Files.write(file, mutate(index, new Random(seed)));
            check(file, "seed " + seed);
        }
        assertTrue(refused > 150 && refused < 300, refused + " refused");
    }

    @Test
    void ofAHeaderOfNothingButNames() throws IOException {
        StringBuilder header = new StringBuilder("{");
        for (int i = 0; i < 400_000; i++) {
            header.append(i == 0 ? "" : ",")
                    .append('"')
                    .append(i)
                    .append("\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}");
        }
        byte[] json = header.append('}').toString().getBytes(StandardCharsets.UTF_8);
        byte[] bytes =
                ByteBuffer.allocate(SafetensorsHeader.LENGTH_BYTES + json.length)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(json.length)
                        .put(json)
                        .array();
        Path file = Files.write(folder.resolve("names.safetensors"), bytes);
        String refused = Harmless.readWithinBudget(file, "names").orElse("nothing was refused");
        assertTrue(refused.contains("bytes of memory, found more"), refused);
    }

    private static byte[] mutate(byte[] valid, Random random) {
        byte[] bytes = valid.clone();
        switch (random.nextInt(5)) {
            case 0 -> {
                for (int i = random.nextInt(4); i >= 0; i--) {
                    bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
                }
            }
            case 1 -> bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
            case 2 -> bytes = Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(100));
            case 3 -> {
                long length = random.nextLong() >>> random.nextInt(64);
                ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(0, length);
            }
            default -> changeDigits(bytes, random);
        }
        return bytes;
    }

    // Lies of shapes and offsets: the header stays well-formed.
    private static void changeDigits(byte[] bytes, Random random) {
        for (int changed = 0; changed <= random.nextInt(3); ) {
            int at = 8 + random.nextInt(bytes.length - 8);
            if (Character.isDigit(bytes[at])) {
                bytes[at] = (byte) ('0' + random.nextInt(10));
                changed++;
            }
        }
    }

    private void read(byte[] bytes, String what) throws IOException {
        Path file = Files.write(folder.resolve("mutated.safetensors"), bytes);
        check(file, what);
    }

    private void check(Path path, String what) throws IOException {
        if (Harmless.read(path, what, SafetensorsMutationTest::readAll).isPresent()) {
            refused++;
        }
    }

    private static void readAll(Path path) {
        try (Safetensors file = Safetensors.open(path)) {
            for (String name : file.names()) {
                file.bytes(name);
                Harmless.readValues(file, name);
            }
        }
    }
}

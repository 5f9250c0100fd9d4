package io.residuum.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Seeded damage to PyTorch files of both formats: they read fine or are refused, at no cost. */
@Timeout(120)
class TorchMutationTest {
    private static final int MUTATIONS = 200;
    private static final String OPCODES =
            "(.012FGIJKLMNPQRSTUVX]abcdeghijlopqrstu})BC\u0080\u0081\u0082\u0083\u0084"
                    + "\u0085\u0086\u0087\u0088\u0089\u008a\u008b\u008c\u008d\u008e\u008f"
                    + "\u0090\u0091\u0092\u0093\u0094\u0095\u0096\u0097\u0098";

    @TempDir Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tensors.pt",
                "tensors-legacy.pt",
                "checkpoint.pt",
                "checkpoint-legacy.pt",
                "protocol1-legacy.pt",
                "protocol5.pt"
            })
    void isHarmless(String name) throws IOException {
        byte[] golden = Files.readAllBytes(TorchFilesTest.resource(name));
        // Twice: the first time also loads classes.
        Harmless.readWithinBudget(TorchFilesTest.resource(name), name);
        assertEquals(Optional.empty(), read(golden, name));
        int refused = 0;
        for (int seed = 0; seed < MUTATIONS; seed++) {
            refused +=
                    read(mutate(golden, new Random(seed)), name + ", seed " + seed).isPresent()
                            ? 1
                            : 0;
        }
        // Flips in values, in padding and in names are harmless; most others must be noticed.
        assertTrue(refused > MUTATIONS / 3 && refused < MUTATIONS, refused + " refused");
    }

    private Optional<String> read(byte[] bytes, String what) throws IOException {
        return Harmless.read(Files.write(folder.resolve("mutated.pt"), bytes), what);
    }

    private static byte[] mutate(byte[] valid, Random random) {
        byte[] bytes = valid.clone();
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int at = random.nextInt(bytes.length - Long.BYTES);
        long number = random.nextLong() >>> random.nextInt(64);
        switch (random.nextInt(8)) {
            case 0 -> {
                for (int i = random.nextInt(4); i >= 0; i--) {
                    bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
                }
            }
            case 1 -> bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
            case 2 -> bytes = Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(100));
            case 3 -> buffer.putShort(at, (short) number);
            case 4 -> buffer.putInt(at, (int) number);
            case 5 -> buffer.putLong(at, number);
            case 6 -> changeOpcodes(bytes, random);
            // The end of a zip file is its directory, the end of a legacy file its storages.
            default -> {
                int nearEnd = bytes.length - Long.BYTES - random.nextInt(bytes.length / 4);
                buffer.putInt(nearEnd, (int) number);
            }
        }
        return bytes;
    }

    // Wherever a byte is an opcode, perhaps within a text: the pickle stays one at first sight.
    private static void changeOpcodes(byte[] bytes, Random random) {
        for (int changed = 0; changed <= random.nextInt(3); ) {
            int at = random.nextInt(bytes.length);
            if (OPCODES.indexOf(bytes[at] & 0xff) >= 0) {
                bytes[at] = (byte) OPCODES.charAt(random.nextInt(OPCODES.length()));
                changed++;
            }
        }
    }
}

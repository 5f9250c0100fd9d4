package io.residuum.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.residuum.engine.Backend;
import io.residuum.engine.DeviceChoice;
import io.residuum.engine.EngineChoice;
import io.residuum.model.Network;
import io.residuum.spec.json.SpecJson;
import io.residuum.weights.WeightsException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Damages files with a seed: the command must end with an exit code and one line. Tests of the
 * readers check that reading is cheap and runs no code.
 */
@Timeout(60)
class HostileWeightsTest {
    private static final int MUTATIONS = 40;

    @TempDir private Path folder;

    @Test
    void aDamagedModelIsRefusedInALine() throws IOException {
        Path spec = Cli.tiny(folder);
        Path model = folder.resolve("tiny.safetensors");
        try (Backend backend = Backend.open(EngineChoice.AUTO, DeviceChoice.CPU);
                Network network = Network.create(SpecJson.standard().readModel(spec), backend, 3)) {
            network.save(model);
        }
        attack(Files.readAllBytes(model), spec, "safetensors");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tensors.pt", "checkpoint-legacy.pt"})
    void aDamagedPickleIsRefusedInALine(String name) throws IOException {
        try (InputStream in = WeightsException.class.getResourceAsStream(name)) {
            attack(Objects.requireNonNull(in, name).readAllBytes(), Cli.tiny(folder), "pt");
        }
    }

    private void attack(byte[] golden, Path spec, String ending) throws IOException {
        Path file = folder.resolve("mutated." + ending);
        int refused = 0;
        for (int seed = 0; seed < MUTATIONS; seed++) {
            Files.write(file, mutated(golden, new Random(seed)));
            Cli cli = Cli.run("import", file.toString(), "--as", spec.toString(), "--dry-run");
            if (cli.code() != 0) {
                refused++;
                assertEquals(Residuum.EXIT_FAILED, cli.code(), seed + ": " + cli.err());
                assertEquals(1, cli.err().lines().count(), seed + ": " + cli.err());
                assertTrue(
                        cli.err().startsWith("residuum: " + file + ": "), seed + ": " + cli.err());
            }
        }
        assertTrue(refused > MUTATIONS / 2, refused + " refused");
    }

    /** {@return the bytes with flipped bits in the header or anywhere, or with another length} */
    private static byte[] mutated(byte[] golden, Random random) {
        byte[] bytes = golden.clone();
        switch (random.nextInt(3)) {
            case 0 -> {
                for (int i = 0; i <= random.nextInt(8); i++) {
                    bytes[random.nextInt(Math.min(bytes.length, 400))] ^=
                            (byte) (1 << random.nextInt(8));
                }
            }
            case 1 -> {
                for (int i = 0; i <= random.nextInt(64); i++) {
                    bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
                }
            }
            default -> bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length + 100));
        }
        return bytes;
    }
}

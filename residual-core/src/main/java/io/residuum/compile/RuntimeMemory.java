package io.residuum.compile;

import com.google.common.hash.Hashing;
import io.residuum.emit.RuntimeChoice;
import io.residuum.files.AtomicFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores which runtime was faster, in a file for each network, kind of inputs and machine. A file
 * that cannot be read or written only costs another measurement.
 *
 * @param folder the folder of the files
 */
record RuntimeMemory(Path folder) {
    private static final Logger LOG = LoggerFactory.getLogger(RuntimeMemory.class);

    private static final Path CPU = Path.of("/proc/cpuinfo");
    private static final String CPU_MODEL = "model name";

    /**
     * Returns the faster runtime.
     *
     * @param key everything on which the times depend, except the machine
     */
    Optional<RuntimeChoice> known(String key) {
        Path file = file(key);
        try {
            if (!Files.exists(file)) {
                return Optional.empty();
            }
            String name = Files.readString(file).strip();
            return Arrays.stream(RuntimeChoice.values())
                    .filter(c -> c != RuntimeChoice.AUTO && c.toString().equals(name))
                    .findFirst();
        } catch (IOException e) {
            LOG.debug("{} cannot be read", file, e);
            return Optional.empty();
        }
    }

    /** Stores the faster runtime. */
    void remember(String key, RuntimeChoice choice) {
        try {
            Files.createDirectories(folder);
            AtomicFiles.writeString(file(key), choice + System.lineSeparator());
        } catch (IOException e) {
            LOG.debug("{} cannot be written", folder, e);
        }
    }

    private Path file(String key) {
        String all = key + "\n" + machine();
        return folder.resolve(
                Hashing.sha256().hashString(all, StandardCharsets.UTF_8).toString() + ".txt");
    }

    private static String machine() {
        String processors =
                System.getProperty("os.arch") + " " + Runtime.getRuntime().availableProcessors();
        try {
            return Files.exists(CPU)
                    ? processors
                            + Files.readAllLines(CPU).stream()
                                    .filter(line -> line.startsWith(CPU_MODEL))
                                    .findFirst()
                                    .orElse("")
                    : processors;
        } catch (IOException e) {
            return processors;
        }
    }
}

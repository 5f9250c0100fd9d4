package io.residuum.examples.fuzz;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Feeds damaged files to every reader. {@code ./mvnw -Pfuzz verify} runs 10,000 weights, 3,000
 * specs and 1,000 of each other kind. The ordinary tests run a few cases of each.
 */
class FuzzTest {
    private static final int CASES = Integer.getInteger("residuum.fuzz.cases", 10);
    private static final int SHORT = 5;
    private static final long SEED = Long.getLong("residuum.fuzz.seed", 12);
    private static final int MINUTES = Integer.getInteger("residuum.fuzz.minutes", 2);
    private static final int THREADS = Integer.getInteger("residuum.fuzz.threads", 2);

    /** Names of kinds; empty for all. */
    private static final Set<String> CHOSEN =
            Stream.of(System.getProperty("residuum.fuzz.kinds", "").split(","))
                    .filter(name -> !name.isBlank())
                    .collect(Collectors.toSet());

    @TempDir Path temporary;

    @Test
    void everyReaderAcceptsOrRefuses() throws IOException {
        String kept = System.getProperty("residuum.fuzz.folder");
        Path faults = kept == null ? temporary : Path.of(kept);
        Fuzzer fuzzer = new Fuzzer(faults, SEED, Duration.ofMinutes(MINUTES));
        List<Kind> kinds = new Kinds(temporary.resolve("seeds")).all();
        Set<String> names = kinds.stream().map(Kind::name).collect(Collectors.toSet());
        assertTrue(names.containsAll(CHOSEN), () -> CHOSEN + " must be among " + names);
        for (Kind kind : kinds) {
            if (!CHOSEN.isEmpty() && !CHOSEN.contains(kind.name())) {
                continue;
            }
            // A seed that is refused would make every case of it say nothing.
            // The first ones are enough for a short run: other tests read the same files.
            for (int i = 0; i < Math.min(kind.seeds().size(), CASES / SHORT); i++) {
                Kind.Seed seed = kind.seeds().get(i);
                Path folder = temporary.resolve("valid").resolve(kind.name() + i);
                Path file = seed.write(folder, seed.bytes());
                assertDoesNotThrow(() -> kind.reader().read(file), file.toString());
            }
            fuzzer.run(kind, CASES * kind.share(), THREADS);
        }
        System.out.println(fuzzer);
        fuzzer.faults().forEach(System.out::println);
        assertEquals(List.of(), fuzzer.faults());
    }
}

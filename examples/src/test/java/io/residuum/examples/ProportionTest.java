package io.residuum.examples;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.summingInt;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Checks the sizes of files, packages and rooms that docs/architecture.md names. */
class ProportionTest {
    private static final int MOST_LINES = 400;
    private static final int MOST_FILES = 30;
    private static final double LARGEST_ROOM = 0.15;

    /** These modules hold several rooms each, as ArchitectureTest lists. */
    private static final Set<String> MODULES = Set.of("vision", "transformer");

    private static final List<Source> SOURCES = sources(Path.of(".."));

    /**
     * A source file of main code.
     *
     * @param folder its package, below io/residuum
     */
    private record Source(Path file, Path folder, int lines) {
        String room() {
            int names = MODULES.contains(folder.getName(0).toString()) ? 2 : 1;
            return folder.subpath(0, Math.min(names, folder.getNameCount())).toString();
        }
    }

    @Test
    void filesAreShort() {
        assertNone(SOURCES.stream().filter(s -> s.lines() > MOST_LINES));
    }

    @Test
    void packagesHaveOneSubject() {
        Map<Path, Long> sizes =
                SOURCES.stream().collect(groupingBy(s -> s.file().getParent(), counting()));
        assertNone(sizes.entrySet().stream().filter(e -> e.getValue() > MOST_FILES));
    }

    @Test
    void noRoomIsTooLarge() {
        int all = SOURCES.stream().mapToInt(Source::lines).sum();
        assertTrue(SOURCES.size() > 1000, () -> SOURCES.size() + " sources found");
        Map<String, Integer> sizes =
                SOURCES.stream().collect(groupingBy(Source::room, summingInt(Source::lines)));
        assertNone(sizes.entrySet().stream().filter(e -> e.getValue() > LARGEST_ROOM * all));
    }

    private static void assertNone(Stream<?> wrong) {
        assertEquals(List.of(), wrong.toList());
    }

    private static List<Source> sources(Path root) {
        Path main = Path.of("src", "main", "java", "io", "residuum");
        try (Stream<Path> files = Files.find(root, 8, (file, a) -> file.endsWith(main))) {
            return files.filter(Predicate.not(p -> p.toString().contains("target")))
                    .flatMap(ProportionTest::below)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<Source> below(Path main) {
        try (Stream<Path> files = Files.walk(main)) {
            return files
                    .filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> !file.getParent().equals(main))
                    .map(file -> new Source(file, main.relativize(file.getParent()), lines(file)))
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int lines(Path file) {
        try (Stream<String> lines = Files.lines(file)) {
            return (int) lines.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

package io.residuum.vision.data;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds real data beside the checkout; tests that need it are skipped where it is not there. */
final class RealData {
    private RealData() {}

    static Path require(String relative) {
        Stream<Path> ancestors =
                Stream.iterate(Path.of("").toAbsolutePath(), p -> p != null, Path::getParent)
                        .map(p -> p.resolve("shared").resolve("data"));
        Stream<Path> named =
                Optional.ofNullable(System.getenv("RESIDUUM_DATA")).map(Path::of).stream();
        Optional<Path> found =
                Stream.concat(named, ancestors)
                        .map(p -> p.resolve(relative))
                        .filter(Files::exists)
                        .findFirst();
        assumeTrue(found.isPresent(), () -> "skipped: there is no shared/data/" + relative);
        return found.orElseThrow();
    }
}

package io.residuum.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The paths of a source: {@code a,b} or {@code train=a,b,val=c,test=d}. A prefix applies to all
 * paths up to the next prefix. {@code valid=} and {@code validation=} are the same as {@code val=}.
 *
 * @param train the paths after {@code train=}
 * @param validation the paths after {@code val=}
 * @param test the paths after {@code test=}
 * @param plain the paths without a prefix
 */
public record Locations(
        List<Path> train, List<Path> validation, List<Path> test, List<Path> plain) {
    private static final Logger LOG = LoggerFactory.getLogger(Locations.class);

    private static final String VALIDATION = "val=";

    /** The prefixes and the part that each names. */
    private static final Map<String, String> PREFIXES =
            Map.of(
                    "train=", "train=",
                    "val=", VALIDATION,
                    "valid=", VALIDATION,
                    "validation=", VALIDATION,
                    "test=", "test=");

    public Locations {
        train = List.copyOf(train);
        validation = List.copyOf(validation);
        test = List.copyOf(test);
        plain = List.copyOf(plain);
    }

    /**
     * Reads paths.
     *
     * @param text comma-separated paths, as above
     * @return the paths, all of which exist; one that two parts have in common is logged as a
     *     warning
     * @throws DataException if a path is empty or does not exist
     */
    public static Locations parse(String text) {
        Map<String, List<Path>> parts = new LinkedHashMap<>();
        String part = "";
        for (String piece : text.split(",", -1)) {
            String prefix = piece.substring(0, piece.indexOf('=') + 1);
            String name = piece;
            if (PREFIXES.containsKey(prefix)) {
                part = PREFIXES.get(prefix);
                name = piece.substring(prefix.length());
            }
            if (name.isEmpty()) {
                throw new DataException(
                        "paths must not be empty and are separated by single commas, got '"
                                + text
                                + "'");
            }
            Path path = path(name);
            if (!Files.exists(path)) {
                throw new DataException(
                        "there is no file or folder " + path + " (" + path.toAbsolutePath() + ")");
            }
            parts.computeIfAbsent(part, key -> new ArrayList<>()).add(path);
        }
        Locations all =
                new Locations(
                        parts.getOrDefault("train=", List.of()),
                        parts.getOrDefault(VALIDATION, List.of()),
                        parts.getOrDefault("test=", List.of()),
                        parts.getOrDefault("", List.of()));
        all.overlaps().forEach(overlap -> LOG.warn("{}", overlap));
        return all;
    }

    /** Returns what a measurement does not show, where two parts have a path in common. */
    List<String> overlaps() {
        List<String> found = new ArrayList<>();
        String untrained = "it does not show how the network does on other data";
        common(train, validation)
                .map(path -> path + " is trained and validated on: " + untrained)
                .ifPresent(found::add);
        common(train, test)
                .map(path -> path + " is trained and tested on: " + untrained)
                .ifPresent(found::add);
        common(validation, test)
                .map(path -> path + " chooses the best epoch and tests it, which flatters it")
                .ifPresent(found::add);
        return found;
    }

    private static Optional<Path> common(List<Path> a, List<Path> b) {
        List<Path> real = b.stream().map(Locations::real).toList();
        return a.stream().filter(path -> real.contains(real(path))).findFirst();
    }

    private static Path real(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException e) {
            return path.toAbsolutePath().normalize();
        }
    }

    /**
     * {@return the path that a user typed; {@code ~/} is the home folder, because a shell expands
     * it only at the beginning of an argument}
     *
     * @param text the path
     * @throws DataException if no path can have such a text
     */
    public static Path path(String text) {
        try {
            return text.equals("~") || text.startsWith("~/")
                    ? Path.of(System.getProperty("user.home"), text.substring(1))
                    : Path.of(text);
        } catch (InvalidPathException e) {
            throw new DataException("'%s' cannot be a path: %s".formatted(text, e.getReason()), e);
        }
    }

    /** {@return all paths} */
    public List<Path> all() {
        return Stream.of(train, validation, test, plain).flatMap(List::stream).toList();
    }
}

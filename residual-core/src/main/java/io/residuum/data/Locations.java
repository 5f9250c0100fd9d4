package io.residuum.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The paths of a source: {@code a,b} or {@code train=a,b,test=c}. A prefix applies to all paths up
 * to the next prefix.
 *
 * @param train the paths after {@code train=}
 * @param test the paths after {@code test=}
 * @param plain the paths without a prefix
 */
public record Locations(List<Path> train, List<Path> test, List<Path> plain) {
    private static final String TRAIN = "train=";
    private static final String TEST = "test=";

    public Locations {
        train = List.copyOf(train);
        test = List.copyOf(test);
        plain = List.copyOf(plain);
    }

    /**
     * Reads paths.
     *
     * @param text comma-separated paths, as above
     * @return the paths, all of which exist
     * @throws DataException if a path is empty or does not exist
     */
    public static Locations parse(String text) {
        List<Path> train = new ArrayList<>();
        List<Path> test = new ArrayList<>();
        List<Path> plain = new ArrayList<>();
        List<Path> group = plain;
        for (String piece : text.split(",", -1)) {
            String name = piece;
            if (piece.startsWith(TRAIN)) {
                group = train;
                name = piece.substring(TRAIN.length());
            } else if (piece.startsWith(TEST)) {
                group = test;
                name = piece.substring(TEST.length());
            }
            if (name.isEmpty()) {
                throw new DataException(
                        "paths must not be empty and are separated by single commas, got '"
                                + text
                                + "'");
            }
            Path path = Path.of(name);
            if (!Files.exists(path)) {
                throw new DataException(
                        "there is no file or folder " + path + " (" + path.toAbsolutePath() + ")");
            }
            group.add(path);
        }
        return new Locations(train, test, plain);
    }
}

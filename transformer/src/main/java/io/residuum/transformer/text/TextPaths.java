package io.residuum.transformer.text;

import io.residuum.data.DataException;
import io.residuum.data.Locations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Recognizes text data by the path alone. */
final class TextPaths {
    /** The levels below a folder that are searched for texts: DIR/train/CLASS/FILE. */
    private static final int DEPTH = 3;

    private TextPaths() {}

    /** Returns true for the path of a text file, or of a folder whose files are mostly texts. */
    static boolean isText(String text) {
        // A bare name is the name of a data set.
        if (!text.matches("(?s)[.~/].*|.*[/\\\\].*|.*\\.[a-zA-Z]+")) {
            return false;
        }
        Path path = Locations.path(text);
        if (Files.isRegularFile(path)) {
            return isPlain(path) || isLabelled(path);
        }
        if (!Files.isDirectory(path)) {
            return false;
        }
        List<Path> files = filesBelow(path, DEPTH);
        long texts = files.stream().filter(TextPaths::isPlain).count();
        return texts > 0 && 2 * texts >= files.size();
    }

    static TextSource source(String text) {
        Path path = Locations.path(text);
        Locations where = new Locations(List.of(), List.of(), List.of(), List.of(path));
        if (isLabelled(path)) {
            return LabelledText.at(where);
        }
        if (Files.isDirectory(path) && filesBelow(path, 1).stream().noneMatch(TextPaths::isPlain)) {
            throw new DataException(
                    "%s holds texts in folders; say text:%s for running text, or labelled:%s if each folder is a class"
                            .formatted(text, text, text));
        }
        return PlainText.at(where);
    }

    private static List<Path> filesBelow(Path folder, int depth) {
        try (Stream<Path> below = Files.find(folder, depth, (p, a) -> a.isRegularFile())) {
            return below.toList();
        } catch (IOException e) {
            throw TextFiles.unreadable(folder, e);
        }
    }

    private static boolean isPlain(Path file) {
        return file.toString().toLowerCase(Locale.ROOT).matches("(?s).*\\.(txt|md|tokens)");
    }

    private static boolean isLabelled(Path file) {
        return file.toString().toLowerCase(Locale.ROOT).matches("(?s).*\\.(csv|tsv|jsonl)");
    }
}

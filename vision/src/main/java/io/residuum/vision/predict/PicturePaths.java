package io.residuum.vision.predict;

import io.residuum.data.DataException;
import io.residuum.data.Locations;
import io.residuum.files.FileErrors;
import io.residuum.vision.data.LoadListener;
import io.residuum.vision.data.PictureFiles;
import io.residuum.vision.image.PictureReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Finds the picture files that a user names. */
public final class PicturePaths {
    private PicturePaths() {}

    /**
     * Finds the picture files of a file name, a folder or a pattern.
     *
     * @param text a file; a folder, for all pictures below it; or a path with {@code *} (any
     *     characters) and {@code ?} (one character) in its names, for shells that do not expand it
     * @param listener receives the files of a folder that are no pictures
     * @return the files, sorted by path; a file given by name may be no picture
     * @throws DataException if there is none
     */
    public static List<Path> find(String text, LoadListener listener) {
        Path path = Locations.path(text);
        if (Files.isDirectory(path)) {
            return PictureFiles.below(path, listener);
        }
        if (Files.exists(path)) {
            return List.of(path);
        }
        if (!isPattern(text)) {
            throw new DataException("there is no file or folder " + text);
        }
        List<Path> found = path.isAbsolute() ? List.of(path.getRoot()) : List.of(Path.of(""));
        for (Path name : path) {
            found = found.stream().flatMap(folder -> in(folder, name.toString())).toList();
        }
        List<Path> pictures =
                found.stream()
                        .filter(Files::isRegularFile)
                        .filter(PictureReader::isPicture)
                        .toList();
        if (pictures.isEmpty()) {
            throw new DataException(
                    "%s must match pictures, but matches none of %d files"
                            .formatted(text, found.size()));
        }
        return pictures;
    }

    /**
     * {@return true if a text is a file, a folder or a pattern, whether it matches pictures or not}
     *
     * @param text as in {@link #find}
     */
    public static boolean exists(String text) {
        return isPattern(text) || Files.exists(Locations.path(text));
    }

    /**
     * {@return the PNG file for the result of each picture, with the picture's name}
     *
     * @param pictures paths of pictures
     * @param folder the folder of the results
     * @throws DataException if two pictures have one name
     */
    public static List<Path> results(List<String> pictures, Path folder) {
        Map<Path, String> sources = new LinkedHashMap<>();
        for (String picture : pictures) {
            String name = String.valueOf(Path.of(picture).getFileName());
            int dot = name.lastIndexOf('.');
            Path result = folder.resolve((dot < 1 ? name : name.substring(0, dot)) + ".png");
            String other = sources.put(result, picture);
            if (other != null) {
                throw new DataException(
                        "the results must have different names, but those of %s and %s are both %s: write them to two folders"
                                .formatted(other, picture, result));
            }
        }
        return List.copyOf(sources.keySet());
    }

    private static boolean isPattern(String text) {
        return text.indexOf('*') >= 0 || text.indexOf('?') >= 0;
    }

    private static Stream<Path> in(Path folder, String name) {
        if (!isPattern(name)) {
            return Stream.of(folder.resolve(name)).filter(Files::exists);
        }
        if (!Files.isDirectory(folder)) {
            return Stream.of();
        }
        List<Path> found = new ArrayList<>();
        try (Stream<Path> all = Files.list(folder)) {
            all.map(Path::getFileName)
                    .filter(file -> file.toString().startsWith(".") == name.startsWith("."))
                    .filter(file -> matches(file.toString(), name))
                    .map(folder::resolve)
                    .forEach(found::add);
        } catch (IOException e) {
            throw new DataException("cannot list " + folder + ": " + FileErrors.reason(e), e);
        }
        found.sort(Comparator.comparing(Path::toString));
        return found.stream();
    }

    /** Matches greedily from star to star, so that no pattern takes exponential time. */
    private static boolean matches(String name, String pattern) {
        int at = 0;
        int p = 0;
        int star = -1;
        int resume = 0;
        while (at < name.length()) {
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                resume = at;
            } else if (p < pattern.length()
                    && (pattern.charAt(p) == '?' || pattern.charAt(p) == name.charAt(at))) {
                p++;
                at++;
            } else if (star >= 0) {
                p = star + 1;
                at = ++resume;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }
}

package io.residuum.vision.data;

import io.residuum.data.DataException;
import io.residuum.data.FileNames;
import io.residuum.files.FileErrors;
import io.residuum.vision.image.PictureReader;
import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Lists the pictures of a folder with one folder per class, and counts all other files. */
public final class PictureFiles {
    private final Path root;
    private final Map<String, Integer> others = new TreeMap<>();

    PictureFiles(Path root) {
        this.root = root;
    }

    /**
     * Lists the pictures in a folder and in folders below it. Links are followed.
     *
     * @param listener receives the files that are no pictures
     * @return the pictures, sorted by path
     * @throws DataException if there are none, or a link leads to a folder that holds it
     */
    public static List<Path> below(Path folder, LoadListener listener) {
        PictureFiles files = new PictureFiles(folder);
        List<Path> pictures = files.of("");
        files.others().ifPresent(listener::leftOut);
        return pictures;
    }

    /** {@return the class folders, sorted by name} */
    List<String> classes() {
        List<String> names = new ArrayList<>();
        for (Path entry : entries()) {
            String name = FileNames.of(entry);
            if (!name.startsWith(".") && Files.isDirectory(entry)) {
                names.add(name);
            }
        }
        if (names.isEmpty()) {
            throw new DataException(
                    root + " must hold one folder of pictures for each class, but holds none");
        }
        return names;
    }

    /** {@return the pictures in the folder of a class and in folders below it, sorted by path} */
    List<Path> of(String className) {
        Path folder = className.isEmpty() ? root : root.resolve(className);
        List<Path> pictures = new ArrayList<>();
        walk(folder, Integer.MAX_VALUE, pictures);
        if (pictures.isEmpty()) {
            throw new DataException(
                    folder
                            + " must hold JPEG, PNG, GIF, BMP, TIFF or WebP pictures, but holds"
                            + " none");
        }
        pictures.sort(Comparator.comparing(Path::toString));
        return pictures;
    }

    /** {@return the files that are no pictures of a class; empty if there are none} */
    Optional<LeftOut> leftOut() {
        List<Path> loose = new ArrayList<>();
        for (Path entry : entries()) {
            if (!Files.isDirectory(entry) || isHidden(entry)) {
                walk(entry, 0, loose);
            }
        }
        if (!loose.isEmpty()) {
            others.merge("pictures outside of the class folders", loose.size(), Integer::sum);
        }
        return others();
    }

    /**
     * {@return the pictures of a folder that are in none of its parts; empty if there are none}
     *
     * @param root a folder in parts
     * @param parts the folders in it that are read
     */
    static Optional<LeftOut> beside(Path root, Collection<Path> parts) {
        PictureFiles files = new PictureFiles(root);
        Map<String, Integer> counts = new TreeMap<>();
        for (Path entry : files.entries()) {
            List<Path> pictures = new ArrayList<>();
            if (!parts.contains(entry) && !isHidden(entry)) {
                files.walk(entry, Integer.MAX_VALUE, pictures);
            }
            if (!pictures.isEmpty()) {
                String where = Files.isDirectory(entry) ? FileNames.of(entry) : "no folder";
                counts.merge(where, pictures.size(), Integer::sum);
            }
        }
        return leftOut(root, "in no part of the data", counts);
    }

    private Optional<LeftOut> others() {
        return leftOut(root, "no pictures to use", others);
    }

    private static Optional<LeftOut> leftOut(
            Path root, String reason, Map<String, Integer> others) {
        if (others.isEmpty()) {
            return Optional.empty();
        }
        int count = others.values().stream().mapToInt(Integer::intValue).sum();
        List<String> kinds =
                others.entrySet().stream().map(e -> e.getValue() + " " + e.getKey()).toList();
        return Optional.of(new LeftOut(root, reason, count, kinds));
    }

    /** Follows links, as torchvision's ImageFolder does. */
    private void walk(Path start, int depth, List<Path> pictures) {
        try {
            Files.walkFileTree(
                    start,
                    EnumSet.of(FileVisitOption.FOLLOW_LINKS),
                    depth,
                    new SimpleFileVisitor<>() {
                        @Override
                        public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes a) {
                            if (isHidden(dir) && !dir.equals(start)) {
                                count("hidden folder");
                                return FileVisitResult.SKIP_SUBTREE;
                            }
                            return FileVisitResult.CONTINUE;
                        }

                        @Override
                        public FileVisitResult visitFile(Path file, BasicFileAttributes a) {
                            if (a.isSymbolicLink()) {
                                count("broken link");
                            } else if (isHidden(file)) {
                                count(a.isDirectory() ? "hidden folder" : "hidden file");
                            } else if (!a.isRegularFile() || !PictureReader.isPicture(file)) {
                                count(kind(file));
                            } else {
                                pictures.add(file);
                            }
                            return FileVisitResult.CONTINUE;
                        }

                        @Override
                        public FileVisitResult visitFileFailed(Path file, IOException e)
                                throws IOException {
                            if (e instanceof FileSystemLoopException) {
                                throw new DataException(
                                        file
                                                + " is a link to a folder that holds it, so the"
                                                + " pictures have no end; remove the link",
                                        e);
                            }
                            throw e;
                        }
                    });
        } catch (IOException e) {
            throw new DataException("cannot list " + start + ": " + FileErrors.reason(e), e);
        }
    }

    private void count(String kind) {
        others.merge(kind, 1, Integer::sum);
    }

    private static String kind(Path file) {
        String name = String.valueOf(file.getFileName());
        int dot = name.lastIndexOf('.');
        return dot < 0 ? "without extension" : name.substring(dot).toLowerCase(Locale.ROOT);
    }

    private static boolean isHidden(Path file) {
        return String.valueOf(file.getFileName()).startsWith(".");
    }

    private List<Path> entries() {
        try (Stream<Path> all = Files.list(root)) {
            return all.sorted(Comparator.comparing(path -> path.getFileName().toString())).toList();
        } catch (IOException e) {
            throw new DataException("cannot list " + root + ": " + FileErrors.reason(e), e);
        }
    }
}

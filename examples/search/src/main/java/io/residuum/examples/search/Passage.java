package io.residuum.examples.search;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A paragraph of a Markdown file.
 *
 * @param source the name of the file
 * @param heading the title of the file and the heading above the paragraph
 * @param text the paragraph in one line
 */
public record Passage(String source, String heading, String text) {
    private static final int SHORTEST = 60;

    /**
     * Reads the paragraphs of Markdown files. Code, tables, comments and short paragraphs are left
     * out.
     *
     * @param places files, or folders whose {@code .md} files are read, without subfolders
     * @return the paragraphs in order
     * @throws UncheckedIOException if a file cannot be read
     */
    public static List<Passage> read(List<Path> places) {
        return places.stream().flatMap(Passage::files).flatMap(f -> read(f).stream()).toList();
    }

    private static Stream<Path> files(Path place) {
        if (!Files.isDirectory(place)) {
            return Stream.of(place);
        }
        try (Stream<Path> all = Files.list(place)) {
            return all.filter(file -> file.toString().endsWith(".md")).sorted().toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Passage> read(Path file) {
        List<String> lines;
        try {
            lines = Files.readAllLines(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        String name = String.valueOf(file.getFileName());
        List<Passage> found = new ArrayList<>();
        String title = "";
        String heading = "";
        StringBuilder paragraph = new StringBuilder();
        boolean code = false;
        lines = new ArrayList<>(lines);
        lines.add("");
        for (String line : lines) {
            boolean fence = line.strip().startsWith("```");
            boolean outside = code || fence || line.matches("\\s*([|<]|!\\[).*");
            code ^= fence;
            if (outside || line.isBlank() || line.startsWith("#")) {
                if (paragraph.length() >= SHORTEST) {
                    found.add(new Passage(name, heading, paragraph.toString()));
                }
                paragraph.setLength(0);
            } else {
                paragraph.append(paragraph.isEmpty() ? "" : " ").append(line.strip());
            }
            if (!outside && line.startsWith("#")) {
                String text = line.replaceFirst("#+", "").strip();
                title = line.startsWith("# ") ? text : title;
                heading = line.startsWith("# ") ? title : title + ": " + text;
            }
        }
        return found;
    }
}

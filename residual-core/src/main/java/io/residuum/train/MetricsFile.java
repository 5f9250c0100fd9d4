package io.residuum.train;

import io.residuum.files.AtomicFiles;
import io.residuum.files.FileErrors;
import io.residuum.spec.SpecException;
import io.residuum.spec.json.SpecJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * The lines of {@code metrics.jsonl}. Training appends to the file without waiting for the disk, so
 * that a power failure can damage it. No result depends on it: damaged lines are left out.
 *
 * @param path the file, which may be absent
 */
record MetricsFile(Path path) {

    /**
     * The contents of the file.
     *
     * @param lines the readable lines in order
     * @param damage a sentence for each line that is not readable, except an incomplete last one
     */
    record Contents(List<Metrics> lines, List<String> damage) {}

    Contents read() {
        List<Metrics> lines = new ArrayList<>();
        List<String> damage = new ArrayList<>();
        byte[] bytes = bytes();
        int start = 0;
        for (int end = 0, number = 1; end < bytes.length; end++) {
            if (bytes[end] == '\n') {
                try {
                    lines.add(parse(ByteBuffer.wrap(bytes, start, end - start), number));
                } catch (SpecException e) {
                    damage.add(String.valueOf(e.getMessage()));
                }
                start = end + 1;
                number++;
            }
        }
        return new Contents(lines, damage);
    }

    private byte[] bytes() {
        try {
            return Files.exists(path) ? Files.readAllBytes(path) : new byte[0];
        } catch (IOException e) {
            throw new UncheckedIOException(path + ": cannot be read: " + FileErrors.reason(e), e);
        }
    }

    private Metrics parse(ByteBuffer line, int number) {
        String source = path + ":" + number;
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(line).toString();
            return new SpecJson(List.of()).parse(text, source, Metrics.class);
        } catch (CharacterCodingException e) {
            throw new SpecException(source + ": must be text in UTF-8", e);
        }
    }

    void append(Metrics line) {
        try {
            Files.writeString(
                    path, text(line), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    path + ": cannot be written: " + FileErrors.reason(e), e);
        }
    }

    /**
     * Drops the lines after an epoch.
     *
     * @param note receives a line if others were damaged and are dropped, too
     */
    void truncate(int epoch, Consumer<String> note) {
        Contents contents = read();
        if (!contents.damage().isEmpty()) {
            note.accept(
                    "%s had %d damaged lines, which are removed; curves and report lack them. The first: %s"
                            .formatted(path, contents.damage().size(), contents.damage().get(0)));
        }
        AtomicFiles.writeText(
                path,
                contents.lines().stream()
                        .filter(m -> m.epoch() <= epoch)
                        .map(MetricsFile::text)
                        .collect(Collectors.joining()));
    }

    private static String text(Metrics line) {
        return new SpecJson(List.of()).compact(line) + "\n";
    }
}

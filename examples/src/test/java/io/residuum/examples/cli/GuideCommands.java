package io.residuum.examples.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The commands of a listing in a guide, to run on files in a folder. */
final class GuideCommands {
    private static final Path PROJECT = Path.of("..");

    private GuideCommands() {}

    /**
     * {@return the arguments of each command}
     *
     * @param guide the file of the guide
     * @param name what follows "run:" before the listing
     * @param folder the folder of the files, except those of the project
     */
    static List<String[]> of(String guide, String name, Path folder) throws IOException {
        Matcher fence =
                Pattern.compile(
                                "<!-- run: " + name + " -->\\R```bash\\R(.*?)^```",
                                Pattern.DOTALL | Pattern.MULTILINE)
                        .matcher(Files.readString(PROJECT.resolve("docs").resolve(guide)));
        assertTrue(fence.find());
        return fence.group(1)
                .replace("\\\n", " ")
                .lines()
                .map(line -> line.replaceFirst("#.*", "").strip())
                .filter(line -> line.startsWith("./residuum "))
                .map(line -> line.substring("./residuum ".length()).replace("'", "").split(" +"))
                .map(words -> Arrays.stream(words).map(w -> place(w, folder)))
                .map(words -> words.toArray(String[]::new))
                .toList();
    }

    private static String place(String word, Path folder) {
        if (word.startsWith("examples/") || word.startsWith("docs/")) {
            return PROJECT.resolve(word).toString();
        }
        boolean file = word.matches("[a-z].*\\.[a-z]+|runs/.*|shapes/.*|\\./.*|masks|served");
        return file ? folder.resolve(word).normalize().toString() : word;
    }
}

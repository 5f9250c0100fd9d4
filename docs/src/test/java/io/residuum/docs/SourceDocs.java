package io.residuum.docs;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the Javadoc of record components, for tables that cannot go stale. */
final class SourceDocs {
    private static final Path ROOT = Path.of(System.getProperty("basedir", ".")).resolve("..");
    private static final List<String> MODULES = List.of("residual-core", "vision", "transformer");

    private SourceDocs() {}

    /** The sentence of each component, in Markdown, without its default. */
    static Map<String, String> components(Class<?> record) {
        String text = comment(record);
        Map<String, String> sentences = new HashMap<>();
        for (String part : text.split(" @param ")) {
            int space = part.indexOf(' ', 1);
            if (space > 0) {
                sentences.put(part.substring(0, space), markdown(part.substring(space + 1)));
            }
        }
        return sentences;
    }

    /** The first sentence about a record, in Markdown. */
    static String summary(Class<?> record) {
        String text = comment(record).replaceFirst(" @param .*", "").strip();
        return markdown(text.replaceFirst("(?<=[^.])\\. [A-Z].*$", "."));
    }

    private static String comment(Class<?> record) {
        String source = Guide.read(source(record));
        Matcher declaration =
                Pattern.compile("record " + record.getSimpleName() + "\\(").matcher(source);
        if (!declaration.find()) {
            throw new IllegalArgumentException("no declaration of " + record + " in its source");
        }
        String before = source.substring(0, declaration.start());
        String comment = before.substring(before.lastIndexOf("/**"), before.lastIndexOf("*/"));
        return comment.replaceAll("(?m)^\\s*/?\\*+ ?", " ").replaceAll("\\s+", " ");
    }

    private static Path source(Class<?> record) {
        String name = record.getName().replaceFirst("\\$.*", "").replace('.', '/') + ".java";
        return MODULES.stream()
                .map(m -> ROOT.resolve(m).resolve("src/main/java").resolve(name))
                .filter(Files::exists)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no source of " + record));
    }

    private static String markdown(String javadoc) {
        return javadoc.replaceAll("\\{@(?:code|link) #?(?:[\\w.]+\\.)?([^}]*)}", "`$1`")
                .replaceAll("\\s*Default: .*$", "")
                .replaceAll("[.;]?\\s*$", "")
                .replace("|", "\\|");
    }
}

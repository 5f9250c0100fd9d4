package io.residuum.docs;

import io.residuum.spec.Default;
import io.residuum.spec.Key;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the Javadoc of types and record components, for tables and a schema that stay current. */
final class SourceDocs {
    private static final Path ROOT = Path.of(System.getProperty("basedir", ".")).resolve("..");
    private static final List<String> MODULES = List.of("residual-core", "vision", "transformer");
    private static final Pattern TAG =
            Pattern.compile("\\{@(?:code ((?:[^{}]|\\{[^{}]*})*)|link #?(?:[\\w.]+\\.)?([^}]*))}");
    private static final Pattern VALUE = Pattern.compile("\\{@value \\w*#(\\w+)}");
    private static final Pattern END = Pattern.compile("[.;]?\\s*$");
    private static final Pattern DEFAULT = Pattern.compile("\\s*Default: .*$");
    private static final Pattern NONE =
            Pattern.compile("\\s*Default: (none|null|empty|\\{@code \\{}})\\s*$");
    private static final Set<String> EMPTY = Set.of("[]", "{}", "\"\"");

    /** Comments by type, because tables and the schema ask for each component. */
    private static final Map<Class<?>, String> COMMENTS = new ConcurrentHashMap<>();

    private SourceDocs() {}

    /** Returns the text of each component in Markdown, without the default that a table shows. */
    static Map<String, String> components(Class<?> record) {
        Map<String, String> texts = parameters(record);
        for (RecordComponent component : record.getRecordComponents()) {
            texts.computeIfPresent(
                    component.getName(), (name, text) -> markdown(withoutDefault(component, text)));
        }
        return texts;
    }

    /**
     * Keeps what an empty default stands for, because tables and the schema show only its value.
     */
    private static String withoutDefault(RecordComponent component, String text) {
        Default known = component.getAnnotation(Default.class);
        boolean isShown = known != null && !EMPTY.contains(known.value());
        return (isShown ? DEFAULT : NONE).matcher(text).replaceFirst("");
    }

    /** Returns the first paragraph about a type, in Markdown, without its last full stop. */
    static String summary(Class<?> type) {
        return markdown(body(type));
    }

    /** Returns the text of the schema for a type or a component: its Javadoc, without markup. */
    static String plain(Class<?> type, String key) {
        if (key.isEmpty()) {
            return words(body(type));
        }
        RecordComponent component =
                Arrays.stream(type.getRecordComponents())
                        .filter(c -> key.equals(key(c)))
                        .findFirst()
                        .orElseThrow();
        String text = parameters(type).getOrDefault(component.getName(), "");
        return words(END.matcher(withoutDefault(component, text)).replaceFirst(""));
    }

    private static String key(RecordComponent component) {
        Key key = component.getAnnotation(Key.class);
        return key == null ? component.getName() : key.value();
    }

    private static Map<String, String> parameters(Class<?> record) {
        Map<String, String> texts = new HashMap<>();
        for (String part : comment(record).split(" @param ")) {
            int space = part.indexOf(' ', 1);
            if (space > 0) {
                texts.put(part.substring(0, space), part.substring(space + 1));
            }
        }
        return texts;
    }

    /** Returns the first paragraph about a type. */
    private static String body(Class<?> type) {
        return comment(type).replaceFirst("(<p>| @param ).*", "").strip();
    }

    private static String comment(Class<?> type) {
        return COMMENTS.computeIfAbsent(type, SourceDocs::read);
    }

    private static String read(Class<?> type) {
        String source = Guide.read(source(type));
        Matcher declaration =
                Pattern.compile(
                                "(?m)^ *(?:(?:public|private|static|sealed|final) )*"
                                        + "(?:record|interface|enum|class) "
                                        + type.getSimpleName()
                                        + "\\b")
                        .matcher(source);
        if (!declaration.find()) {
            throw new IllegalArgumentException("no declaration of " + type + " in its source");
        }
        String before = source.substring(0, declaration.start());
        int end = before.lastIndexOf("*/");
        // Between the comment of a type and its declaration are annotations.
        if (end < 0 || !before.substring(end + 2).matches("(?s)\\s*(@.*)?")) {
            return "";
        }
        String comment = before.substring(before.lastIndexOf("/**"), end);
        String text = comment.replaceAll("(?m)^\\s*/?\\*+ ?", " ").replaceAll("\\s+", " ");
        return VALUE.matcher(text).replaceAll(tag -> constant(source, tag.group(1)));
    }

    /** Returns the value of a constant of the same file, as JSON users write it. */
    private static String constant(String source, String name) {
        Matcher value = Pattern.compile("\\b" + name + " = \"([^\"]*)\"").matcher(source);
        if (!value.find()) {
            throw new IllegalArgumentException(
                    "no constant " + name + " in the file of a {@value}");
        }
        return "{@code \"" + value.group(1) + "\"}";
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
        return unmarked(javadoc, "`").replaceAll(END.pattern(), "").replace("|", "\\|");
    }

    private static String words(String javadoc) {
        return unmarked(javadoc, "")
                .replaceAll("</?[a-z]+>", "")
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&amp;", "&")
                .strip();
    }

    /** Replaces tags by code between quotes, and members after # as in Java code. */
    private static String unmarked(String javadoc, String quote) {
        return TAG.matcher(javadoc)
                .replaceAll(
                        tag -> {
                            String code = tag.group(1);
                            String text = code == null ? tag.group(2).replace('#', '.') : code;
                            return Matcher.quoteReplacement(quote + text + quote);
                        });
    }
}

package io.residuum.draw;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Writes a diagram as a Mermaid flowchart, which GitHub and many editors draw. */
public final class MermaidText {

    /** The largest number of arrows that Mermaid draws in its default configuration. */
    public static final int MOST_LINKS = 500;

    /** The largest number of characters that Mermaid reads. */
    public static final int MOST_CHARACTERS = 50_000;

    private MermaidText() {}

    /**
     * Writes a diagram.
     *
     * @param diagram the diagram to write
     * @param title the title of the flowchart
     * @return the title and configuration, then the lines of {@code flowchart TD}
     */
    public static String of(Diagram diagram, String title) {
        List<String> lines = new ArrayList<>();
        lines.add("---");
        lines.add("title: \"" + title.replaceAll("[\\p{Cntrl}\"\\\\]", " ") + "\"");
        // Lines are already wrapped. By default Mermaid would wrap them again after 200 pixels.
        lines.add("config:");
        lines.add("  flowchart:");
        lines.add("    wrappingWidth: 600");
        lines.add("---");
        lines.add("flowchart TD");
        nodes(diagram.elements(), "  ", lines);
        List<String> shortcuts = new ArrayList<>();
        for (int i = 0; i < diagram.links().size(); i++) {
            Edge link = diagram.links().get(i);
            String arrow = " --> ";
            if (link.isShortcut()) {
                arrow = " -. \"" + escaped(link.shortcut()) + "\" .-> ";
                shortcuts.add(String.valueOf(i));
            }
            lines.add("  " + id(link.from()) + arrow + id(link.to()));
        }
        styles(diagram, shortcuts, lines);
        return String.join("\n", lines) + "\n";
    }

    private static void nodes(List<Element> elements, String indent, List<String> lines) {
        for (Element element : elements) {
            if (element instanceof Group group) {
                String times = group.times() == 1 ? "" : " \u00d7 " + group.times();
                String name = "f" + lines.size() + "[\"" + escaped(group.title() + times) + "\"]";
                lines.add(indent + "subgraph " + name);
                nodes(group.elements(), indent + "  ", lines);
                lines.add(indent + "end");
            } else {
                Box box = (Box) element;
                lines.add(indent + id(box) + shape(box));
            }
        }
    }

    private static void styles(Diagram diagram, List<String> shortcuts, List<String> lines) {
        lines.add("  classDef merge fill:#fdf3e7,stroke:#c06a12,color:#1c2024");
        lines.add("  classDef shortcut fill:#fdf3e7,stroke:#c06a12,color:#1c2024");
        for (Box.Kind kind : List.of(Box.Kind.MERGE, Box.Kind.SHORTCUT)) {
            String ids =
                    diagram.boxes().stream()
                            .filter(box -> box.kind() == kind)
                            .map(MermaidText::id)
                            .collect(Collectors.joining(","));
            if (!ids.isEmpty()) {
                lines.add("  class " + ids + " " + kind.name().toLowerCase(Locale.ROOT));
            }
        }
        if (!shortcuts.isEmpty()) {
            lines.add("  linkStyle " + String.join(",", shortcuts) + " stroke:#c06a12");
        }
    }

    private static String id(Box box) {
        return "n" + box.id();
    }

    private static String shape(Box box) {
        List<String> all = new ArrayList<>();
        all.add("<b>" + escaped(box.title()) + "</b>");
        box.lines().forEach(line -> all.add(escaped(line)));
        String size = box.size().isEmpty() ? "" : " \u00b7 " + box.size();
        all.add(escaped(box.shape() + size));
        String text = "\"" + String.join("<br/>", all) + "\"";
        return switch (box.kind()) {
            case INPUT, OUTPUT, MERGE -> "([" + text + "])";
            default -> "[" + text + "]";
        };
    }

    /**
     * Replaces characters that Mermaid or HTML would interpret by entities in Mermaid's spelling.
     */
    private static String escaped(String text) {
        StringBuilder out = new StringBuilder();
        text.codePoints()
                .forEach(
                        c -> {
                            if ("\"#&<>`\\;".indexOf(c) >= 0) {
                                out.append('#').append(c).append(';');
                            } else {
                                out.appendCodePoint(Character.isISOControl(c) ? ' ' : c);
                            }
                        });
        return out.toString();
    }
}

package io.residuum.draw;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
        nodes(diagram, lines);
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

    private static void nodes(Diagram diagram, List<String> lines) {
        Map<Box, List<Frame>> begins = new HashMap<>();
        Map<Box, Integer> ends = new HashMap<>();
        for (Frame frame : Frame.around(diagram.boxes())) {
            // Inner frames come first in the list.
            begins.computeIfAbsent(frame.first(), b -> new ArrayList<>()).add(0, frame);
            ends.merge(frame.last(), 1, Integer::sum);
        }
        int depth = 1;
        int frames = 0;
        for (Box box : diagram.boxes()) {
            for (Frame frame : begins.getOrDefault(box, List.of())) {
                String name = "f" + frames++ + "[\"" + escaped(frame.path()) + "\"]";
                lines.add("  ".repeat(depth++) + "subgraph " + name);
            }
            lines.add("  ".repeat(depth) + id(box) + shape(box));
            for (int i = ends.getOrDefault(box, 0); i > 0; i--) {
                lines.add("  ".repeat(--depth) + "end");
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
        String text = "\"" + String.join("<br/>", all) + "\"";
        return switch (box.kind()) {
            case INPUT, MERGE -> "([" + text + "])";
            case LAYER, SHORTCUT -> "[" + text + "]";
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

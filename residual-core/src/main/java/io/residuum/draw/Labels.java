package io.residuum.draw;

import io.residuum.draw.Partition.Part;
import io.residuum.graph.Leaf;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Writes the texts in the boxes of one drawing. */
final class Labels {
    private static final int LINE = 46;
    private static final int LINES = 8;
    private static final Pattern FRACTION = Pattern.compile("\\d+\\.\\d+(E-?\\d+)?");

    private final LayerTree tree;
    private final Level level;
    private final Set<String> counted = new HashSet<>();

    Labels(LayerTree tree, Level level) {
        this.tree = tree;
        this.level = level;
    }

    /** Returns the heading of a part, relative to the innermost frame. */
    String title(Part part, Box.Kind kind, List<String> frames) {
        Operation first = part.nodes().get(0).operation();
        if (kind == Box.Kind.INPUT) {
            return part.key().path();
        }
        if (level == Level.OPERATION) {
            return kind == Box.Kind.MERGE && first.name().equals("Add") ? "+" : first.name();
        }
        if (kind == Box.Kind.MERGE) {
            return merge(part);
        }
        String path = part.key().path();
        String name = isOutsideChildren(part) ? "" : inside(path, frames);
        if (!name.isEmpty()) {
            return name;
        }
        String operations = operations(part, path);
        String slot = part.key().part();
        if (!slot.isEmpty()) {
            return slot.equals(LayerTree.SHORTCUT) ? tree.shortcut(path) : slot;
        }
        return operations.length() <= LINE ? operations : "operations";
    }

    /** Returns a path relative to the innermost frame. */
    private static String inside(String path, List<String> frames) {
        String frame = frames.isEmpty() ? "" : frames.get(frames.size() - 1);
        if (path.equals(frame)) {
            return "";
        }
        return frame.isEmpty() ? path : path.substring(frame.length() + 1);
    }

    /**
     * Returns true if a part is the work of a layer outside its children, which have their own
     * boxes.
     */
    private boolean isOutsideChildren(Part part) {
        String path = part.key().path();
        return part.key().part().isEmpty()
                && !tree.isResidual(path)
                && !tree.children(path).isEmpty()
                && part.nodes().stream().allMatch(n -> n.layer().equals(path));
    }

    private String merge(Part part) {
        Set<String> names = new HashSet<>();
        part.nodes().stream()
                .filter(n -> tree.isResidual(n.layer()))
                .forEach(n -> names.add(n.operation().name()));
        if (names.contains("Concat")) {
            return "concat";
        }
        if (names.contains("Sigmoid")) {
            return "gate";
        }
        return names.contains("Multiply") ? "weighted +" : "+";
    }

    /** Returns the name of a data type. */
    static String type(Node node) {
        return node.type().name().toLowerCase(Locale.ROOT);
    }

    /** Returns the contents of a part. */
    List<String> lines(Part part, Box.Kind kind, List<String> frames) {
        List<String> lines = new ArrayList<>();
        Node last = part.result();
        if (kind == Box.Kind.INPUT) {
            return List.of(type(last));
        }
        if (level == Level.OPERATION) {
            String name = inside(part.key().path(), frames);
            if (!name.isEmpty()) {
                lines.add(name);
            }
            lines.addAll(settings(last.operation()));
        } else if (level == Level.STAGE) {
            lines.addAll(stage(part));
        } else if (isOutsideChildren(part)) {
            String operations = operations(part, part.key().path());
            if (operations.length() > LINE) {
                lines.addAll(wrapped(List.of(operations.split(", ", -1))));
            }
        } else {
            lines.addAll(contents(part, kind));
        }
        return lines;
    }

    /** Returns the attributes of an operation, without its name. */
    private static List<String> settings(Operation operation) {
        // Shortens fractions that began as float32 to float32 precision.
        String text =
                FRACTION.matcher(operation.toString())
                        .replaceAll(m -> Float.toString(Float.parseFloat(m.group())));
        int from = text.indexOf('[');
        String inside = from < 0 ? "" : text.substring(from + 1, text.length() - 1);
        return inside.isEmpty() ? List.of() : wrapped(List.of(inside.split(", (?=[a-z]+=)", -1)));
    }

    private List<String> stage(Part part) {
        Map<String, Integer> shortcuts = new TreeMap<>();
        Set<String> units = new LinkedHashSet<>();
        for (Node node : part.nodes()) {
            if (tree.isResidual(node.layer())) {
                units.add(node.layer());
            }
        }
        units.forEach(unit -> shortcuts.merge(tree.shortcut(unit), 1, Integer::sum));
        if (units.isEmpty()) {
            return contents(part, Box.Kind.OTHER);
        }
        List<String> lines = new ArrayList<>();
        lines.add(count(units.size(), "residual unit"));
        List<String> kinds = new ArrayList<>();
        shortcuts.forEach((kind, n) -> kinds.add(n + " " + kind));
        lines.addAll(wrapped(prefixed("shortcuts: ", kinds)));
        return lines;
    }

    private static List<String> prefixed(String prefix, List<String> items) {
        List<String> all = new ArrayList<>(items);
        all.set(0, prefix + all.get(0));
        return all;
    }

    private static String count(int n, String what) {
        return n + " " + what + (n == 1 ? "" : "s");
    }

    /** Describes the layers of a part. A layer that multiplies matrices begins a new line. */
    private List<String> contents(Part part, Box.Kind kind) {
        Map<String, Boolean> layers = new LinkedHashMap<>();
        for (Node node : part.nodes()) {
            boolean merging = kind == Box.Kind.MERGE && tree.isResidual(node.layer());
            if (!merging) {
                layers.merge(node.layer(), Kinds.isHeavy(node.operation()), Boolean::logicalOr);
            }
        }
        List<String> lines = new ArrayList<>();
        layers.forEach(
                (path, heavy) -> {
                    String text = tree.isPlain(path) ? operations(part, path) : describe(path);
                    int last = lines.size() - 1;
                    if (!heavy
                            && last >= 0
                            && lines.get(last).length() + text.length() + 2 <= LINE) {
                        lines.set(last, lines.get(last) + ", " + text);
                    } else {
                        lines.addAll(wrapped(List.of(text.split(", ", -1))));
                    }
                });
        if (lines.size() <= LINES) {
            return lines;
        }
        List<String> kept = new ArrayList<>(lines.subList(0, LINES - 1));
        kept.add("and " + count(lines.size() - LINES + 1, "line") + " more");
        return kept;
    }

    private String describe(String path) {
        return tree.describe(path);
    }

    private static String operations(Part part, String path) {
        Set<String> names = new LinkedHashSet<>();
        part.nodes().stream()
                .filter(n -> n.layer().equals(path))
                .forEach(n -> names.add(n.operation().name()));
        return String.join(", ", names);
    }

    /** Joins items to lines that fit into a box. */
    private static List<String> wrapped(List<String> items) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String item : items) {
            if (line.length() > 0 && line.length() + 2 + item.length() > LINE) {
                lines.add(line + ",");
                line.setLength(0);
            }
            line.append(line.length() > 0 ? ", " : "").append(item);
        }
        lines.add(line.toString());
        return lines;
    }

    /**
     * Returns the number of parameters of a part. A parameter that several parts read counts in the
     * first one.
     */
    String size(Part part) {
        long sum = 0;
        for (Node node : part.nodes()) {
            // The inputs after weight and bias are the running statistics of a BatchNorm.
            int trained =
                    node.operation() instanceof Operation.BatchNorm ? 3 : node.inputs().size();
            for (Node input : node.inputs().subList(0, trained)) {
                if (input.operation() instanceof Leaf.Weight w && counted.add(w.path())) {
                    sum += input.shape().fixed().size();
                }
            }
        }
        return sum == 0 ? "" : String.format(Locale.ROOT, "%,d parameters", sum);
    }
}

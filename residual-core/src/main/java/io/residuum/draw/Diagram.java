package io.residuum.draw;

import io.residuum.draw.Partition.Part;
import io.residuum.graph.Graph;
import io.residuum.graph.Leaf;
import io.residuum.graph.Node;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * The boxes and arrows of a drawing of a graph. Every operation is in exactly one box. Immutable.
 */
public final class Diagram {
    private final List<Element> elements;
    private final List<Box> boxes;
    private final List<Edge> links;

    Diagram(List<Element> elements, List<Edge> links) {
        this.elements = List.copyOf(elements);
        this.boxes = Group.boxes(elements).toList();
        this.links = List.copyOf(links);
    }

    /**
     * Groups the operations of a graph into boxes.
     *
     * @param graph a captured network
     * @param level the level of detail
     * @return the boxes and arrows. Values computed from weights and constants alone have arrows
     *     only at {@link Level#OPERATION}
     */
    public static Diagram of(Graph graph, Level level) {
        return new Builder(graph, level).diagram();
    }

    /**
     * Folds equal units that follow each other, such as the layers of a transformer.
     *
     * @return a diagram in which the first of such units stands for all, as a {@link Group} that
     *     counts them. Units may differ in their sizes, of which it has the range. Inputs and
     *     outputs stay
     */
    public Diagram folded() {
        return Folding.of(this);
    }

    /**
     * Returns the boxes and groups at the top.
     *
     * @return inputs, then layers in drawing order, then outputs
     */
    public List<Element> elements() {
        return elements;
    }

    /**
     * Returns the boxes in drawing order.
     *
     * @return the boxes, each after the boxes it reads
     */
    public List<Box> boxes() {
        return boxes;
    }

    /**
     * Returns the arrows.
     *
     * @return the arrows, at most one of each kind between two boxes
     */
    public List<Edge> links() {
        return links;
    }

    private static final class Builder {
        private final Graph graph;
        private final Level level;
        private final LayerTree tree;
        private final Partition partition;

        /** A partition by layer. It separates the runs of a unit that runs several times. */
        private final Partition runs;

        private final Map<Part, Box> boxes = new LinkedHashMap<>();

        Builder(Graph graph, Level level) {
            this.graph = graph;
            this.level = level;
            this.tree = new LayerTree(graph);
            this.partition =
                    new Partition(graph, new Grouping(tree, level), level == Level.OPERATION);
            this.runs =
                    level == Level.LAYER
                            ? partition
                            : new Partition(graph, new Grouping(tree, Level.LAYER), false);
        }

        Diagram diagram() {
            List<Part> parts = partition.ordered(tree);
            Map<String, Integer> sizes = new HashMap<>();
            parts.forEach(p -> p.key().frames().forEach(f -> sizes.merge(f, 1, Integer::sum)));
            Labels labels = new Labels(tree, level);
            Frames layers = new Frames();
            for (Part part : parts) {
                Box.Kind kind = kind(part);
                List<String> frames =
                        part.key().frames().stream()
                                .filter(f -> sizes.getOrDefault(f, 0) > 1)
                                .filter(f -> kind != Box.Kind.SHORTCUT || !isOnShortcut(f))
                                .toList();
                Box box =
                        new Box(
                                boxes.size(),
                                kind,
                                part.key().path(),
                                labels.title(part, kind, frames),
                                labels.lines(part, kind, frames),
                                labels.size(part),
                                part.result().shape().toString(),
                                part.nodes());
                boxes.put(part, box);
                layers.add(box, frames);
            }
            List<Edge> links = new ArrayList<>(links());
            List<Element> elements = new ArrayList<>(layers.elements());
            for (int i = 0; i < graph.outputs().size(); i++) {
                Node node = graph.outputs().get(i);
                String name = graph.outputNames().get(i);
                String shape = node.shape().toString();
                Box box =
                        new Box(
                                boxes.size() + i,
                                Box.Kind.OUTPUT,
                                name,
                                name,
                                List.of(Labels.type(node)),
                                "",
                                shape,
                                List.of());
                elements.add(box);
                Part from = partition.find(node);
                if (from != null) {
                    links.add(new Edge(Objects.requireNonNull(boxes.get(from)), box, "", shape));
                }
            }
            return new Diagram(elements, links);
        }

        private Box.Kind kind(Part part) {
            if (part.isInput()) {
                return Box.Kind.INPUT;
            }
            if (level != Level.STAGE) {
                if (part.nodes().stream().anyMatch(n -> tree.isResidual(n.layer()))
                        && !part.key().part().equals("branch")) {
                    return Box.Kind.MERGE;
                }
                if (part.nodes().stream()
                        .allMatch(n -> tree.unitOfShortcut(n.layer()).isPresent())) {
                    return Box.Kind.SHORTCUT;
                }
            }
            return Kinds.main(part.nodes(), tree);
        }

        private boolean isOnShortcut(String path) {
            return tree.unitOfShortcut(path).isPresent();
        }

        private record Ends(Box from, Box to, boolean shortcut) {}

        private List<Edge> links() {
            Set<Node> varying = varying();
            Map<Ends, Edge> links = new LinkedHashMap<>();
            for (Node node : graph.nodes()) {
                Part to = partition.find(node);
                if (to == null) {
                    continue;
                }
                for (Node input : node.inputs()) {
                    Part from = partition.find(input);
                    if (from != null && from != to && varying.contains(input)) {
                        Box a = Objects.requireNonNull(boxes.get(from));
                        Box b = Objects.requireNonNull(boxes.get(to));
                        String shortcut = level == Level.STAGE ? "" : shortcut(input, node);
                        links.putIfAbsent(
                                new Ends(a, b, !shortcut.isEmpty()),
                                new Edge(a, b, shortcut, input.shape().toString()));
                    }
                }
            }
            return List.copyOf(links.values());
        }

        /**
         * Returns the nodes that depend on an input. Above the operation level, only they have
         * arrows.
         */
        private Set<Node> varying() {
            Set<Node> found = Collections.newSetFromMap(new IdentityHashMap<>());
            for (Node node : graph.nodes()) {
                boolean read =
                        level == Level.OPERATION
                                || node.inputs().stream().anyMatch(found::contains);
                if (read || node.operation() instanceof Leaf.Input) {
                    found.add(node);
                }
            }
            return found;
        }

        /** Returns the kind of shortcut that an operand is part of, or an empty string. */
        private String shortcut(Node from, Node to) {
            Optional<String> bypassed = tree.unitOfShortcut(to.layer());
            if (bypassed.isPresent()) {
                return tree.shortcut(bypassed.get());
            }
            String unit = to.layer();
            boolean merges = tree.isResidual(unit) && tree.merges(unit);
            return merges && isShortcut(from, to, unit) ? tree.shortcut(unit) : "";
        }

        private boolean isShortcut(Node from, Node to, String unit) {
            String layer = from.layer();
            if (layer.equals(unit)) {
                // This is the result of an earlier run of the same unit.
                return runs.find(from) != runs.find(to);
            }
            if (from.operation() instanceof Leaf.Input || !LayerTree.isIn(unit, layer)) {
                return true;
            }
            return switch (LayerTree.slot(unit, layer)) {
                case LayerTree.SHORTCUT, LayerTree.AFTER -> true;
                case LayerTree.BEFORE -> tree.isTapped(unit);
                default -> false;
            };
        }
    }
}

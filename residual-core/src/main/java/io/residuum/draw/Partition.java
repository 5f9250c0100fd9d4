package io.residuum.draw;

import io.residuum.graph.Graph;
import io.residuum.graph.Leaf;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A partition of a graph's operations into parts whose dependencies have no cycles. Operations with
 * the same {@link Grouping.Key} form one part, unless another part comes between them. A layer that
 * runs twice, or that computes before and after its children, therefore has two parts.
 */
final class Partition {

    /** Operations that are drawn as one box. */
    static final class Part {
        private final Grouping.Key key;
        private final List<Node> nodes = new ArrayList<>();
        private final Set<Part> sources = new LinkedHashSet<>();

        private Part(Grouping.Key key) {
            this.key = key;
        }

        Grouping.Key key() {
            return key;
        }

        List<Node> nodes() {
            return nodes;
        }

        /** Returns the operation that computes the result. */
        Node result() {
            return nodes.get(nodes.size() - 1);
        }

        boolean isInput() {
            return nodes.get(0).operation() instanceof Leaf.Input;
        }
    }

    private final List<Part> parts = new ArrayList<>();
    private final Map<Node, Part> partOf = new IdentityHashMap<>();
    private final Map<Grouping.Key, Part> latest = new HashMap<>();

    Partition(Graph graph, Grouping grouping, boolean single) {
        for (Node node : graph.nodes()) {
            Operation operation = node.operation();
            if (operation instanceof Leaf.Input input) {
                put(node, added(new Grouping.Key(input.name(), "", List.of())));
            } else if (!operation.isLeaf()) {
                put(node, part(node, grouping.key(node), single));
            }
        }
    }

    private Part part(Node node, Grouping.Key key, boolean single) {
        Part open = single ? null : latest.get(key);
        return open != null && fits(node, open) ? open : added(key);
    }

    private Part added(Grouping.Key key) {
        Part part = new Part(key);
        parts.add(part);
        latest.put(key, part);
        return part;
    }

    private void put(Node node, Part part) {
        part.nodes.add(node);
        partOf.put(node, part);
        for (Node input : node.inputs()) {
            Part source = partOf.get(input);
            if (source != null && source != part) {
                part.sources.add(source);
            }
        }
    }

    /** Returns true if adding the node to the open part creates no cycle through other parts. */
    private boolean fits(Node node, Part open) {
        Set<Part> seen = new HashSet<>();
        Deque<Part> next = new ArrayDeque<>();
        for (Node input : node.inputs()) {
            Part source = partOf.get(input);
            if (source != null && source != open && seen.add(source)) {
                next.add(source);
            }
        }
        while (!next.isEmpty()) {
            for (Part source : next.pop().sources) {
                if (source == open) {
                    return false;
                }
                if (seen.add(source)) {
                    next.add(source);
                }
            }
        }
        return true;
    }

    /** Returns the part of an operation, or null for weights and constants. */
    @Nullable Part find(Node node) {
        return partOf.get(node);
    }

    /**
     * Returns the parts, each after the parts it reads. Parts in the same frame stay together.
     * Other parts follow the order of the layers. An input comes right before its first reader.
     */
    List<Part> ordered(LayerTree tree) {
        Map<Part, Integer> waiting = new IdentityHashMap<>();
        Map<Part, List<Part>> readers = new IdentityHashMap<>();
        List<Part> ready = new ArrayList<>();
        for (Part part : parts) {
            List<Part> before = part.sources.stream().filter(s -> !s.isInput()).toList();
            waiting.put(part, before.size());
            before.forEach(s -> readers.computeIfAbsent(s, k -> new ArrayList<>()).add(part));
            if (before.isEmpty() && !part.isInput()) {
                ready.add(part);
            }
        }
        Set<Part> done = new LinkedHashSet<>();
        List<String> around = List.of();
        while (!ready.isEmpty()) {
            Part next = nearest(ready, around, tree);
            ready.remove(next);
            next.sources.stream().filter(Part::isInput).forEach(done::add);
            done.add(next);
            around = next.key.frames();
            for (Part reader : readers.getOrDefault(next, List.of())) {
                int left = Objects.requireNonNull(waiting.get(reader)) - 1;
                waiting.put(reader, left);
                if (left == 0) {
                    ready.add(reader);
                }
            }
        }
        parts.stream().filter(Part::isInput).forEach(done::add);
        return List.copyOf(done);
    }

    private static Part nearest(List<Part> ready, List<String> around, LayerTree tree) {
        Part best = ready.get(0);
        for (Part part : ready) {
            int more = shared(part, around) - shared(best, around);
            int later = order(part, tree) - order(best, tree);
            if (more > 0 || more == 0 && later < 0) {
                best = part;
            }
        }
        return best;
    }

    /** Returns the index of the layer that a part begins with, or of its unit. */
    private static int order(Part part, LayerTree tree) {
        String path = part.key.path();
        return Math.max(tree.order(path), tree.order(path + "." + part.key.part()));
    }

    private static int shared(Part part, List<String> around) {
        List<String> frames = part.key.frames();
        int n = 0;
        while (n < frames.size() && n < around.size() && frames.get(n).equals(around.get(n))) {
            n++;
        }
        return n;
    }
}

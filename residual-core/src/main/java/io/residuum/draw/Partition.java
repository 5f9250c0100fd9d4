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
 * The operations of a graph in parts that read each other without cycles. What has one {@link
 * Grouping.Key} is one part, except where something else lies between: a layer that runs twice, or
 * one that computes ahead of its children and behind them, has a part for each.
 */
final class Partition {

    /** Operations that are drawn as one. */
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

        /** The parts that this reads. */
        Set<Part> sources() {
            return sources;
        }

        boolean isInput() {
            return nodes.get(0).operation() instanceof Leaf.Input;
        }
    }

    private final List<Part> parts = new ArrayList<>();
    private final Map<Node, Part> of = new IdentityHashMap<>();
    private final Map<Grouping.Key, Part> latest = new HashMap<>();

    Partition(Graph graph, Grouping cut, boolean single) {
        for (Node node : graph.nodes()) {
            Operation operation = node.operation();
            if (operation instanceof Leaf.Input input) {
                put(node, added(new Grouping.Key(input.name(), "", List.of())));
            } else if (!operation.isLeaf()) {
                put(node, part(node, cut.key(node), single));
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
        of.put(node, part);
        for (Node input : node.inputs()) {
            Part source = of.get(input);
            if (source != null && source != part) {
                part.sources.add(source);
            }
        }
    }

    /** Whether no other part lies between the open one and what the node reads. */
    private boolean fits(Node node, Part open) {
        Set<Part> seen = new HashSet<>();
        Deque<Part> next = new ArrayDeque<>();
        for (Node input : node.inputs()) {
            Part source = of.get(input);
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

    /** Where an operation is; none for weights and constants. */
    @Nullable Part find(Node node) {
        return of.get(node);
    }

    /**
     * The parts, each behind what it reads. What shares frames stays together, and otherwise the
     * order is that of the layers; an input comes just ahead of its first reader.
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

    /** A part of a unit comes where the layers of that part do. */
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

package io.residuum.draw;

import io.residuum.graph.Graph;
import io.residuum.graph.Node;
import io.residuum.graph.Operation;
import io.residuum.graph.TransposedConvolution;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The tree of a graph's layers, built from their paths, with the residual units in it. */
final class LayerTree {
    /**
     * The name of {@code ResidualBlock} in a graph, followed by the slots that a drawing separates.
     */
    private static final String RESIDUAL = "Residual";

    static final String BEFORE = "before";
    static final String SHORTCUT = "shortcut";
    static final String GATE = "gate";
    static final String WRITE = "write";
    static final String AFTER = "after";

    private static final String CHAIN = "Sequential";

    private final Map<String, String> described;
    private final Map<String, Integer> order = new HashMap<>();
    private final Map<String, List<String>> children = new HashMap<>();
    private final Set<String> holders = new HashSet<>();
    private final Set<String> merging = new HashSet<>();
    private final Set<String> branching = new HashSet<>();
    private final Set<String> tapped = new HashSet<>();
    private final Set<String> working = new HashSet<>();
    private final Set<String> projected = new HashSet<>();

    LayerTree(Graph graph) {
        described = graph.layers();
        for (String path : described.keySet()) {
            order.put(path, order.size());
            if (!path.isEmpty()) {
                children.computeIfAbsent(parent(path), p -> new ArrayList<>()).add(path);
            }
            if (isResidual(path)) {
                above(path).forEach(holders::add);
            }
        }
        graph.nodes().stream().filter(n -> !n.operation().isLeaf()).forEach(this::note);
    }

    private void note(Node node) {
        String layer = node.layer();
        if (isResidual(layer)) {
            merging.add(layer);
        }
        for (String unit : above(layer)) {
            if (!isResidual(unit)) {
                continue;
            }
            String slot = slot(unit, layer);
            if (isBranch(slot) && !slot.equals(BEFORE)) {
                branching.add(unit);
            }
            if (slot.equals(SHORTCUT)) {
                working.add(unit);
                if (learns(node.operation())) {
                    projected.add(unit);
                }
            }
        }
        for (Node input : node.inputs()) {
            for (String unit : above(input.layer())) {
                if (isResidual(unit)
                        && slot(unit, input.layer()).equals(BEFORE)
                        && (layer.equals(unit)
                                || isIn(unit, layer) && slot(unit, layer).equals(SHORTCUT))) {
                    tapped.add(unit);
                }
            }
        }
    }

    private static boolean learns(Operation operation) {
        return operation instanceof Operation.Convolution
                || operation instanceof TransposedConvolution
                || operation instanceof Operation.Linear;
    }

    String describe(String path) {
        return described.getOrDefault(path, "");
    }

    /** Returns true if the description of a layer says no more than that it holds other layers. */
    boolean isPlain(String path) {
        String text = describe(path);
        return text.isEmpty() || text.equals(CHAIN) || text.equals(RESIDUAL);
    }

    /** Returns the index of a layer in the network; a parent comes before its children. */
    int order(String path) {
        return order.getOrDefault(path, 0);
    }

    boolean isResidual(String path) {
        return describe(path).equals(RESIDUAL);
    }

    /** Returns true if a unit has operations that merge; a unit of a plain network has none. */
    boolean merges(String unit) {
        return merging.contains(unit);
    }

    /** Returns true if the shortcut of a unit reads the result of its {@code before} slot. */
    boolean isTapped(String unit) {
        return tapped.contains(unit) && branching.contains(unit);
    }

    /** Returns true if there are residual units below a layer. */
    boolean holdsUnits(String path) {
        return holders.contains(path);
    }

    List<String> children(String path) {
        return children.getOrDefault(path, List.of());
    }

    /** Returns the ancestors of a layer, outermost first, including the network. */
    static List<String> above(String path) {
        List<String> found = new ArrayList<>();
        if (!path.isEmpty()) {
            found.add("");
            for (int dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
                found.add(path.substring(0, dot));
            }
        }
        return found;
    }

    static boolean isIn(String above, String path) {
        return above.isEmpty() ? !path.isEmpty() : path.startsWith(above + ".");
    }

    /** Returns the path of the child of {@code above} that contains {@code path}. */
    static String childTowards(String above, String path) {
        int dot = path.indexOf('.', above.isEmpty() ? 0 : above.length() + 1);
        return dot < 0 ? path : path.substring(0, dot);
    }

    /** Returns the name of the child of {@code unit} that contains {@code path}. */
    static String slot(String unit, String path) {
        String child = childTowards(unit, path);
        return unit.isEmpty() ? child : child.substring(unit.length() + 1);
    }

    /** Returns true if a slot of a unit is on its branch. */
    static boolean isBranch(String slot) {
        return !Set.of(SHORTCUT, GATE, WRITE, AFTER).contains(slot);
    }

    private static String parent(String path) {
        int dot = path.lastIndexOf('.');
        return dot < 0 ? "" : path.substring(0, dot);
    }

    /** Returns the innermost unit whose shortcut contains a layer. */
    Optional<String> unitOfShortcut(String layer) {
        return above(layer).stream()
                .filter(unit -> isResidual(unit) && merges(unit))
                .filter(unit -> slot(unit, layer).equals(SHORTCUT))
                .reduce((outer, inner) -> inner);
    }

    /** Returns the kind of a unit's shortcut. */
    String shortcut(String unit) {
        if (!working.contains(unit)) {
            return "identity";
        }
        String text = describe(unit.isEmpty() ? SHORTCUT : unit + "." + SHORTCUT);
        if (text.startsWith("Streams")) {
            return "mixing";
        }
        if (projected.contains(unit)) {
            return "projection";
        }
        return text.startsWith("ZeroPad") ? "zero-padding" : SHORTCUT;
    }
}

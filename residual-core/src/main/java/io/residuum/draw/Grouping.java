package io.residuum.draw;

import io.residuum.graph.Node;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Assigns each operation to a box at one level of detail, and each box to the frames around it. */
final class Grouping {

    /**
     * The key that the operations of one box share.
     *
     * @param path the layer, or the unit that the box is a part of
     * @param part the part of that unit; empty for a complete layer
     * @param frames the layers around it, outermost first
     */
    record Key(String path, String part, List<String> frames) {}

    static final String MERGE = "merge";

    private final LayerTree tree;
    private final Level level;
    private final Map<String, Key> keys = new HashMap<>();

    Grouping(LayerTree tree, Level level) {
        this.tree = tree;
        this.level = level;
    }

    Key key(Node node) {
        return keys.computeIfAbsent(node.layer(), this::key);
    }

    private Key key(String layer) {
        return switch (level) {
            case STAGE -> stage(layer);
            case BLOCK -> block(layer);
            case LAYER -> new Key(layer, "", around(layer));
            case OPERATION -> operation(layer);
        };
    }

    private Key stage(String layer) {
        List<String> frames = new ArrayList<>();
        String at = "";
        while (!layer.equals(at)) {
            at = LayerTree.childTowards(at, layer);
            if (!holdsStages(at)) {
                break;
            }
            frames.add(at);
        }
        return new Key(at, "", frames);
    }

    /** Returns true if a layer holds more than one stack of units. */
    private boolean holdsStages(String path) {
        List<String> children = tree.children(path);
        boolean numbered = children.stream().allMatch(c -> c.matches("(.*\\.)?\\d+"));
        return tree.holdsUnits(path)
                && !tree.isResidual(path)
                && !numbered
                && children.stream().noneMatch(tree::isResidual);
    }

    private Key block(String layer) {
        List<String> frames = new ArrayList<>();
        String at = "";
        while (true) {
            boolean unit = tree.isResidual(at);
            if (layer.equals(at)) {
                return new Key(at, unit ? MERGE : "", frames);
            }
            String child = LayerTree.childTowards(at, layer);
            if (!tree.isResidual(child) && !tree.holdsUnits(child)) {
                return unit ? part(at, layer, frames) : new Key(child, "", frames);
            }
            at = child;
            if (isDrawn(at)) {
                frames.add(at);
            }
        }
    }

    /**
     * Returns the key of a part of a unit. Neighbouring layers without units inside share a box.
     */
    private Key part(String unit, String layer, List<String> frames) {
        String slot = LayerTree.slot(unit, layer);
        String part = slot;
        if (slot.equals(LayerTree.AFTER)) {
            part = tree.merges(unit) ? MERGE : "branch";
        } else if (LayerTree.isBranch(slot)) {
            part = slot.equals(LayerTree.BEFORE) && tree.isTapped(unit) ? slot : "branch";
        }
        return new Key(unit, part, frames);
    }

    private List<String> around(String layer) {
        Stream<String> above = LayerTree.above(layer).stream().filter(path -> !path.isEmpty());
        boolean own = !tree.children(layer).isEmpty() && !layer.isEmpty();
        return Stream.concat(above, own ? Stream.of(layer) : Stream.of())
                .filter(this::isDrawn)
                .toList();
    }

    private Key operation(String layer) {
        List<String> frames = new ArrayList<>(around(layer));
        if (!layer.isEmpty() && !frames.contains(layer) && isDrawn(layer)) {
            frames.add(layer);
        }
        return new Key(layer, "", frames);
    }

    /** Returns true if a layer gets a frame. Plain sequences inside a unit do not. */
    private boolean isDrawn(String path) {
        int dot = path.lastIndexOf('.');
        String parent = dot < 0 ? "" : path.substring(0, dot);
        return !(tree.isResidual(parent) && tree.isPlain(path) && !tree.isResidual(path));
    }
}

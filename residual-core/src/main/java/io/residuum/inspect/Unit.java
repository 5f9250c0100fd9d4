package io.residuum.inspect;

import io.residuum.nn.Layer;
import io.residuum.residual.Merge;
import io.residuum.residual.ResidualBlock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A unit of a network: an outermost residual block, or a layer of a network without any.
 *
 * @param path the path in the network; of a tied unit, which runs several times, with {@code #2}
 *     for its second run and so on
 * @param layer the layer
 */
public record Unit(String path, Layer layer) {

    /** {@return the residual block, if it is one} */
    public Optional<ResidualBlock> block() {
        return layer instanceof ResidualBlock block ? Optional.of(block) : Optional.empty();
    }

    /** {@return true if a shortcut leads around its branch; false for a unit of a plain network} */
    public boolean hasShortcut() {
        return block().filter(b -> !(b.merge() instanceof Merge.BranchOnly)).isPresent();
    }

    /**
     * Returns the layers that are units, with their paths, in the order of registration: the
     * outermost residual blocks; in a network without any, the layers of its longest sequence.
     */
    static Map<Layer, String> candidates(Layer network) {
        Map<Layer, String> paths = new IdentityHashMap<>();
        network.walk((path, layer) -> paths.putIfAbsent(layer, path));
        Set<Layer> units = Collections.newSetFromMap(new IdentityHashMap<>());
        List<Layer> inOrder = new ArrayList<>();
        addBlocks(network, units, inOrder);
        if (inOrder.isEmpty()) {
            inOrder.addAll(longest(network).children().values());
        }
        Map<Layer, String> candidates = new LinkedHashMap<>();
        inOrder.forEach(layer -> candidates.put(layer, paths.get(layer)));
        return candidates;
    }

    private static void addBlocks(Layer layer, Set<Layer> seen, List<Layer> blocks) {
        if (!(layer instanceof ResidualBlock)) {
            layer.children().values().forEach(child -> addBlocks(child, seen, blocks));
        } else if (seen.add(layer)) {
            blocks.add(layer);
        }
    }

    private static Layer longest(Layer root) {
        List<Layer> best = new ArrayList<>(List.of(root));
        root.walk(
                (path, layer) -> {
                    if (layer.children().size() > best.get(0).children().size()) {
                        best.set(0, layer);
                    }
                });
        return best.get(0);
    }
}

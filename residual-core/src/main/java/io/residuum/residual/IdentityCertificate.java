package io.residuum.residual;

import ai.djl.nn.Parameter;
import io.residuum.nn.ActivationBlock;
import io.residuum.nn.AffineLayer;
import io.residuum.nn.Chain;
import io.residuum.nn.DropoutBlock;
import io.residuum.nn.IdentityBlock;
import io.residuum.nn.Layer;
import io.residuum.nn.SeededInitializer;
import io.residuum.nn.composite.ParallelBlock;
import io.residuum.nn.composite.SqueezeExcitationBlock;
import io.residuum.nn.norm.ModulationBlock;
import io.residuum.nn.trait.EndsInMap;
import io.residuum.nn.trait.EndsInScale;
import io.residuum.residual.stream.AverageBlock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The function that a residual unit computes with its initial weights, and why, from the layers and
 * their initialization alone. No engine is loaded and nothing is computed.
 *
 * <p>A unit starts as the identity if its shortcut returns its input, {@code after} does nothing,
 * its merge adds the shortcut with weight 1, and its branch starts at 0: a scale, the weight of a
 * norm or the weights of the last map start at 0. The answer holds in training and evaluation, for
 * every input.
 *
 * @param path the path of the unit
 * @param start the unit's function at its start
 * @param reasons the parameters that start at 0 and make it so, or else what breaks the identity
 */
public record IdentityCertificate(String path, Start start, List<String> reasons) {

    /** The function of a unit with its initial weights. */
    public enum Start {
        /** The identity. */
        IDENTITY,
        /** {@code max(x, 0)}: the identity of the output of another such unit. */
        RELU,
        /** Another function, or one that the settings do not tell. */
        OTHER
    }

    /** Activations that map 0 to 0, by their names in {@link Layer#describe}. */
    private static final Set<String> ZERO_AT_ZERO =
            Set.of(
                    "ReLU",
                    "GELU",
                    "GELU(tanh)",
                    "SiLU",
                    "Tanh",
                    "Mish",
                    "LeakyReLU",
                    "ELU",
                    "SELU");

    public IdentityCertificate {
        reasons = List.copyOf(reasons);
    }

    /**
     * {@return one certificate per residual unit, in the order of paths}
     *
     * @param network the layers, initialized or not
     */
    public static List<IdentityCertificate> of(Layer network) {
        List<IdentityCertificate> all = new ArrayList<>();
        network.walk(
                (path, layer) -> {
                    if (layer instanceof ResidualBlock unit) {
                        all.add(of(path, unit));
                    }
                });
        return all;
    }

    private static IdentityCertificate of(String path, ResidualBlock unit) {
        List<String> breaks = new ArrayList<>();
        Map<String, Layer> parts = unit.children();
        merge(unit.merge(), breaks);
        Layer shortcut = parts.get("shortcut");
        if (shortcut != null && !startsAsInput(shortcut)) {
            breaks.add("shortcut: " + describe(shortcut));
        } else if (unit.tap() == ResidualBlock.Tap.BEFORE || unit.tap() == ResidualBlock.Tap.READ) {
            String part = unit.tap().name().toLowerCase(Locale.ROOT);
            breaks.add("the shortcut reads the output of " + part);
        }
        Layer after = parts.getOrDefault("after", new IdentityBlock(unit.outputShape()));
        boolean relu = describe(after).equals("ReLU");
        if (!relu && !(after instanceof IdentityBlock)) {
            breaks.add("after: " + describe(after));
        }
        List<String> zeros = List.of();
        for (String part : List.of("scale", "afterBranch", "branch")) {
            Layer layer = parts.get(part);
            if (layer != null && zeros.isEmpty()) {
                zeros = zeros(part, layer);
                if (zeros.isEmpty() && !keepsZero(layer)) {
                    break;
                }
            }
        }
        if (zeros.isEmpty()) {
            breaks.add("the branch does not start at 0");
        }
        if (!breaks.isEmpty()) {
            return new IdentityCertificate(path, Start.OTHER, breaks);
        }
        return new IdentityCertificate(path, relu ? Start.RELU : Start.IDENTITY, zeros);
    }

    /** Returns true if a shortcut with parameters returns its input with their initial values. */
    private static boolean startsAsInput(Layer shortcut) {
        if (shortcut instanceof LowRankShortcutBlock) {
            Layer norm = shortcut.children().get("norm");
            return norm == null || keepsZero(norm);
        }
        return shortcut instanceof ScaleBlock scale && scale.startsAsInput()
                || shortcut instanceof AverageBlock average && average.startsAsInput();
    }

    private static void merge(Merge merge, List<String> breaks) {
        if (merge instanceof Merge.BranchOnly) {
            breaks.add("the unit has no shortcut");
        } else if (!(merge instanceof Merge.Add add)) {
            breaks.add("merge: " + merge.getClass().getSimpleName().toLowerCase(Locale.ROOT));
        } else if (add.shortcut() != 1) {
            breaks.add("merge: the shortcut has the weight " + add.shortcut());
        }
    }

    /** Returns the parameters that make the output of a layer start at 0; empty if none do. */
    private static List<String> zeros(String path, Layer layer) {
        if (layer instanceof Chain) {
            List<String> names = new ArrayList<>(layer.children().keySet());
            Collections.reverse(names);
            for (String name : names) {
                Layer child = child(layer, name);
                List<String> found = zeros(path + "." + name, child);
                if (!found.isEmpty() || !keepsZero(child)) {
                    return found;
                }
            }
            return List.of();
        }
        if (layer instanceof ParallelBlock) {
            List<List<String>> all = new ArrayList<>();
            layer.children().forEach((name, child) -> all.add(zeros(path + "." + name, child)));
            boolean some = all.stream().anyMatch(List::isEmpty);
            return some ? List.of() : all.stream().flatMap(Collection::stream).toList();
        }
        if (layer instanceof EndsInMap ends) {
            String name = ends.lastMap();
            return zeros(path + "." + name, child(layer, name));
        }
        if (layer instanceof ModulationBlock modulation) {
            return modulation.isGate()
                    ? zeros(path + ".linear", child(layer, "linear"))
                    : List.of();
        }
        boolean zero =
                layer instanceof AffineLayer
                        || layer instanceof EndsInScale scale && scale.isZeroWithParameters();
        return zero ? own(path, layer) : List.of();
    }

    private static Layer child(Layer layer, String name) {
        return Objects.requireNonNull(layer.children().get(name));
    }

    private static List<String> own(String path, Layer layer) {
        List<String> zeros = new ArrayList<>();
        for (Map.Entry<String, Parameter> entry : layer.ownParameters().entrySet()) {
            // The gain of a standardized convolution scales a weight of 0.
            boolean matters = entry.getValue().requiresGradient() && !entry.getKey().equals("gain");
            if (matters && !SeededInitializer.startsAtZero(entry.getValue())) {
                return List.of();
            }
            if (matters) {
                zeros.add(path + "." + entry.getKey());
            }
        }
        return zeros;
    }

    /** Returns true if a layer maps an input of 0 to 0 at its start, in training too. */
    private static boolean keepsZero(Layer layer) {
        if (layer instanceof Chain) {
            return layer.children().values().stream().allMatch(IdentityCertificate::keepsZero);
        }
        boolean unbiased =
                (layer instanceof AffineLayer || layer instanceof EndsInScale)
                        && layer.ownParameters().entrySet().stream()
                                .filter(e -> Set.of("bias", "beta").contains(e.getKey()))
                                .allMatch(e -> SeededInitializer.startsAtZero(e.getValue()));
        return unbiased
                || layer instanceof IdentityBlock
                || layer instanceof DropoutBlock
                || layer instanceof ShakeDropBlock
                || layer instanceof SqueezeExcitationBlock squeeze && !squeeze.shifts()
                || layer instanceof ModulationBlock modulation && modulation.isGate()
                || layer instanceof ActivationBlock function
                        && (function.isFactor() || ZERO_AT_ZERO.contains(layer.describe()));
    }

    private static String describe(Layer layer) {
        if (layer instanceof Chain) {
            return layer.children().values().stream()
                    .filter(child -> !(child instanceof IdentityBlock))
                    .map(Layer::describe)
                    .collect(Collectors.joining(", "));
        }
        return layer.describe();
    }
}

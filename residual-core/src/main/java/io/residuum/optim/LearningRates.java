package io.residuum.optim;

import io.residuum.model.Network;
import io.residuum.nn.Layer;
import io.residuum.residual.ResidualBlock;
import io.residuum.spec.Check;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Learning-rate factors of all parameters. A factor is the product of two: {@code layerDecay} to
 * the power of the distance from the output (Clark et al. 2020, ELECTRA; Bao et al. 2022, BEiT),
 * and the last of the {@code rates} that matches.
 *
 * <p>Depth is counted in units. A unit is an outermost residual block. If the block belongs to a
 * numbered repetition, such as attention and feed-forward of {@code blocks.3}, the complete
 * repetition is the unit. Parameters before the first of n units have depth 0 (stem, embeddings),
 * those of unit i have depth i, and those after the last unit have depth n + 1 (final norm, head).
 * Parameters between two units, such as those of a downsampling, belong to the later unit. Depth d
 * has the factor {@code layerDecay^(n + 1 - d)}, which is 1 for the head.
 */
public final class LearningRates {
    private static final String BEFORE_UNITS = "stem";
    private static final String AFTER_UNITS = "head";

    private static final Pattern REPETITION = Pattern.compile("(?:.*\\.)?\\d+(?=\\.|$)");

    private final List<Group> groups;
    private final Map<String, Double> factors = new LinkedHashMap<>();

    /**
     * Parameters of equal depth.
     *
     * @param name the path of the unit, or {@code stem} or {@code head}
     * @param factors the learning-rate factor of each parameter by path, in the order of
     *     computation
     */
    public record Group(String name, Map<String, Double> factors) {
        public Group {
            factors = Collections.unmodifiableMap(new LinkedHashMap<>(factors));
        }
    }

    private LearningRates(List<Group> groups) {
        this.groups = List.copyOf(groups);
        groups.forEach(g -> factors.putAll(g.factors));
    }

    /**
     * Computes the factors of a network's parameters.
     *
     * @param layerDecay the factor per unit between a parameter and the output, in (0, 1]
     * @param rates factors by pattern; the last that matches a parameter counts
     * @return factors of all parameters, frozen or not
     * @throws io.residuum.spec.SpecException if a pattern matches no parameter, or if layerDecay is
     *     below 1 and the network has no residual units
     */
    public static LearningRates of(
            Network network, double layerDecay, List<LearningRateFactor> rates) {
        Map<String, Double> byPattern = new LinkedHashMap<>();
        for (LearningRateFactor rate : rates) {
            network.parameters(rate.pattern())
                    .forEach((path, p) -> byPattern.put(path, rate.factor()));
        }
        List<String> parameters = List.copyOf(network.parameters().keySet());
        List<String> units = units(network.block(), parameters);
        Check.that(
                layerDecay == 1 || !units.isEmpty(),
                "layerDecay must be 1 for %s, which has no residual units, got %s; set rates by"
                        + " pattern instead",
                network.spec().name(),
                layerDecay);
        List<Map<String, Double>> byDepth = new ArrayList<>();
        for (int depth = 0; depth <= units.size() + 1; depth++) {
            byDepth.add(new LinkedHashMap<>());
        }
        int last = 0; // depth of the last unit seen
        for (String path : parameters) {
            int unit = unitOf(path, units);
            last = unit < 0 ? last : unit + 1;
            int depth = unit >= 0 || last == 0 ? last : last + 1;
            double factor = Math.pow(layerDecay, units.size() + 1 - depth);
            byDepth.get(depth).put(path, factor * byPattern.getOrDefault(path, 1.0));
        }
        List<Group> groups = new ArrayList<>();
        for (int depth = 0; depth < byDepth.size(); depth++) {
            groups.add(new Group(name(depth, units), byDepth.get(depth)));
        }
        groups.removeIf(g -> g.factors.isEmpty());
        return new LearningRates(groups);
    }

    private static List<String> units(Layer network, List<String> parameters) {
        List<String> units = new ArrayList<>();
        network.walk(
                (path, layer) -> {
                    if (layer instanceof ResidualBlock && unitOf(path, units) < 0) {
                        Matcher repetition = REPETITION.matcher(path);
                        units.add(repetition.lookingAt() ? repetition.group() : path);
                    }
                });
        units.removeIf(unit -> parameters.stream().noneMatch(path -> isIn(unit, path)));
        return units;
    }

    private static int unitOf(String path, List<String> units) {
        for (int i = units.size() - 1; i >= 0; i--) {
            if (isIn(units.get(i), path)) {
                return i;
            }
        }
        return -1;
    }

    private static boolean isIn(String unit, String path) {
        return unit.isEmpty() || path.startsWith(unit + ".");
    }

    private static String name(int depth, List<String> units) {
        if (depth == 0) {
            return BEFORE_UNITS;
        }
        return depth > units.size() ? AFTER_UNITS : units.get(depth - 1);
    }

    /** {@return the groups that have parameters, frozen or not, from the input to the output} */
    public List<Group> groups() {
        return groups;
    }

    /** {@return the learning-rate factor of a parameter} */
    public double factor(String path) {
        return Objects.requireNonNull(factors.get(path), path);
    }
}

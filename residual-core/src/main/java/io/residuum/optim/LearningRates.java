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
 * What each parameter's learning rate is multiplied by: a factor that falls with the distance from
 * the output ({@code layerDecay}; Clark et al. 2020, ELECTRA; Bao et al. 2022, BEiT), times the
 * last of the {@code rates} that matches.
 *
 * <p>Depth is counted in units. A unit is a residual block that lies in no other; where it is part
 * of a numbered repetition, such as attention and feed-forward of {@code blocks.3}, the unit is the
 * whole repetition. What is computed ahead of the first unit is the group at depth 0 (stem,
 * embeddings), unit i the group at depth i, and what follows the last of n units the group at depth
 * n + 1 (final norm, head). Parameters between two units, such as those of a downsampling, belong
 * to the later one. The group at depth d has the factor {@code layerDecay^(n + 1 - d)}: 1 for the
 * head.
 */
public final class LearningRates {
    /** What lies ahead of the first unit. */
    private static final String FIRST = "stem";

    /** What follows the last unit. */
    private static final String LAST = "head";

    private static final Pattern REPETITION = Pattern.compile("(?:.*\\.)?\\d+(?=\\.|$)");

    private final List<Group> groups;
    private final Map<String, Double> factors = new LinkedHashMap<>();

    /**
     * Parameters of one depth.
     *
     * @param name the path of the unit, or {@code stem} or {@code head}
     * @param factors what the learning rate is multiplied by, for each parameter by its path, in
     *     the order of computation
     */
    public record Group(String name, Map<String, Double> factors) {
        /** Copies the map. */
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
     * @param network the network
     * @param layerDecay the factor of each unit between a parameter and the output, in (0, 1]
     * @param rates factors by pattern; the last that matches a parameter counts
     * @return factors of all parameters, frozen or not
     * @throws io.residuum.spec.SpecException if a pattern matches no parameter, or a layer decay
     *     below 1 is asked for of a network without residual units
     */
    public static LearningRates of(
            Network network, double layerDecay, List<LearningRateFactor> rates) {
        Map<String, Double> own = new LinkedHashMap<>();
        for (LearningRateFactor rate : rates) {
            network.parameters(rate.pattern()).forEach((path, p) -> own.put(path, rate.factor()));
        }
        List<String> parameters = List.copyOf(network.parameters().keySet());
        List<String> units = units(network.block(), parameters);
        Check.that(
                layerDecay == 1 || !units.isEmpty(),
                "layerDecay must be 1 for %s, which has no residual units to count, got %s: give"
                        + " rates by pattern instead",
                network.spec().name(),
                layerDecay);
        List<Map<String, Double>> byDepth = new ArrayList<>();
        for (int depth = 0; depth <= units.size() + 1; depth++) {
            byDepth.add(new LinkedHashMap<>());
        }
        int begun = 0;
        for (String path : parameters) {
            int unit = unitOf(path, units);
            begun = unit < 0 ? begun : unit + 1;
            int depth = unit >= 0 || begun == 0 ? begun : begun + 1;
            double factor = Math.pow(layerDecay, units.size() + 1 - depth);
            byDepth.get(depth).put(path, factor * own.getOrDefault(path, 1.0));
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
            return FIRST;
        }
        return depth > units.size() ? LAST : units.get(depth - 1);
    }

    /**
     * The groups from the input to the output.
     *
     * @return those that have parameters, frozen or not
     */
    public List<Group> groups() {
        return groups;
    }

    /** What the learning rate of a parameter is multiplied by. */
    public double factor(String path) {
        return Objects.requireNonNull(factors.get(path), path);
    }
}

package io.residuum.spec;

import io.residuum.nn.AffineLayer;
import io.residuum.nn.Layer;
import io.residuum.nn.LowRankBlock;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A low-rank branch on the weights of linear layers and convolutions: {@code W + s B A}, where A
 * and B have few rows and columns.
 *
 * @param name the name of the branch, a part of its parameters' paths. Default: lora
 * @param targets patterns of the paths of layers, in which {@code *} matches any text. Each matches
 *     at least one linear layer or convolution
 * @param rank the rows of A, at least 1. Default: 8
 * @param alpha the numerator of the scale s, finite. Default: 8
 * @param dropout the rate of dropout before A, in [0, 1). Default: 0
 * @param scaling the denominator of the scale s. Default: rank
 * @param method what is learned. Default: lora
 */
@WithBuilder
public record LowRank(
        @Default("\"lora\"") String name,
        List<String> targets,
        @Default("8") int rank,
        @Default("8.0") double alpha,
        @Default("0.0") double dropout,
        @Default("\"rank\"") Scaling scaling,
        @Default("\"lora\"") Method method)
        implements LowRankBuilder.With {

    private static final int PATHS_SHOWN = 5;

    /** The denominator of the scale. */
    public enum Scaling {
        /** {@code s = alpha / rank} (Hu et al. 2021, arXiv:2106.09685, Section 4.1). */
        RANK,
        /** {@code s = alpha / sqrt(rank)}, rsLoRA (Kalajdzievski 2023, arXiv:2312.03732). */
        SQRT_RANK
    }

    /** The parameters of a branch. */
    public enum Method {
        /** A and B (Hu et al. 2021, arXiv:2106.09685). */
        LORA,
        /**
         * A, B, and the length of each row of {@code W + s B A} (Liu et al. 2024,
         * arXiv:2402.09353).
         */
        DORA
    }

    public LowRank {
        Check.that(
                !name.isBlank() && !name.contains("."),
                "name of an adapter must not be blank or contain a dot, got \"%s\"",
                name);
        targets = List.copyOf(targets);
        Check.that(!targets.isEmpty(), "targets must not be empty: use [\"*\"] for every layer");
        Check.positive("rank", rank);
        Check.finite("alpha", alpha);
        Check.rate("dropout", dropout);
    }

    /**
     * {@return LoRA without dropout, named {@code lora}}
     *
     * @param rank the rows of A
     * @param alpha the scale times the rank
     * @param targets patterns of the paths of layers
     */
    public static LowRank of(int rank, double alpha, String... targets) {
        return new LowRank("lora", List.of(targets), rank, alpha, 0, Scaling.RANK, Method.LORA);
    }

    /** {@return the factor of B A} */
    public double scale() {
        return alpha / (scaling == Scaling.RANK ? rank : Math.sqrt(rank));
    }

    /** {@return the pattern of the paths of this adapter's parameters} */
    public String parameters() {
        return "*." + name + ".*";
    }

    /** Adds the branch to the layers of a network. */
    void addTo(Layer network) {
        Map<String, AffineLayer> layers = layers(network);
        Set<AffineLayer> done = Collections.newSetFromMap(new IdentityHashMap<>());
        for (String target : targets) {
            Glob glob = new Glob(target);
            List<String> matching = layers.keySet().stream().filter(glob).toList();
            Check.that(
                    !matching.isEmpty(),
                    "targets of the adapter \"%s\" must match linear layers or convolutions, got"
                            + " \"%s\": use paths like %s",
                    name,
                    target,
                    layers.keySet().stream().limit(PATHS_SHOWN).toList());
            for (String path : matching) {
                AffineLayer layer = layers.get(path);
                if (layer != null && done.add(layer)) {
                    add(path, layer);
                }
            }
        }
    }

    private void add(String path, AffineLayer layer) {
        try {
            layer.addBranch(
                    name, new LowRankBlock.Settings(rank, scale(), dropout, method == Method.DORA));
        } catch (IllegalArgumentException e) {
            throw new SpecException(
                    "the adapter \"%s\" does not fit %s: %s; narrow its targets"
                            .formatted(name, path, e.getMessage()),
                    e);
        }
    }

    /**
     * {@return the layers that can have a branch, by path, without the layers of branches}
     *
     * @param network the block of a network
     */
    public static Map<String, AffineLayer> layers(Layer network) {
        Map<String, AffineLayer> layers = new LinkedHashMap<>();
        collect("", network, layers);
        return layers;
    }

    private static void collect(String path, Layer layer, Map<String, AffineLayer> into) {
        if (layer instanceof LowRankBlock) {
            return;
        }
        if (layer instanceof AffineLayer affine) {
            into.put(path, affine);
        }
        layer.children().forEach((name, c) -> collect(Layer.below(path, name), c, into));
    }
}

package io.residuum.transformer.family;

import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.InputSpec;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.spec.Parallel;
import io.residuum.spec.Sequential;
import io.residuum.spec.SpecException;
import io.residuum.spec.TypeName;
import io.residuum.spec.layers.Activation;
import io.residuum.spec.layers.ActivationSpec;
import io.residuum.spec.layers.L2Normalize;
import io.residuum.spec.layers.Linear;
import io.residuum.transformer.layers.Pooling;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * A vector for each text, {@code (N, width)}, as in sentence-transformers (Reimers and Gurevych
 * 2019, arXiv:1908.10084): {@code pool}, then {@code dense}, then {@code normalize}.
 *
 * @param pooling reductions of the tokens' vectors; the results of several are concatenated.
 *     Default: mean
 * @param dense layers that map the pooled vector, in order. Default: none
 * @param normalize true if vectors get the length 1, so that their products are cosines. Default:
 *     true
 */
@TypeName("embedding")
public record TextEmbedding(
        @Default("[\"mean\"]") List<Pooling> pooling,
        @Default("[]") List<Dense> dense,
        @Default("true") boolean normalize)
        implements Bert.Head, DecoderHead {

    /** The name of the dense layers. */
    static final String DENSE = "dense";

    private static final Pattern DENSE_LAYER = Pattern.compile(DENSE + "\\.(\\d+)\\.");

    /**
     * A linear layer and an activation, a module {@code Dense} of sentence-transformers.
     *
     * @param units the width of the output
     * @param bias true to add a bias. Default: true
     * @param activation the activation. Default: tanh
     */
    public record Dense(
            int units,
            @Default("true") boolean bias,
            @Default("\"tanh\"") ActivationSpec activation) {
        public Dense {
            Check.positive("units", units);
        }

        private LayerSpec layer(String name) {
            return new Sequential(
                    name,
                    new Linear("linear", units, bias, Bert.INIT),
                    new Activation("activation", activation));
        }
    }

    public TextEmbedding {
        pooling = List.copyOf(pooling);
        dense = List.copyOf(dense);
        Check.that(!pooling.isEmpty(), "pooling must have at least one mode");
    }

    /**
     * Creates a head with one reduction.
     *
     * @param pooling the reduction
     * @param normalize true if vectors get the length 1
     */
    public TextEmbedding(Pooling pooling, boolean normalize) {
        this(List.of(pooling), List.of(), normalize);
    }

    /**
     * {@return the network of a model with this head}
     *
     * @param spec an encoder or a decoder, whose head is replaced, or layers that give a vector for
     *     each token, such as the encoder of T5
     * @throws SpecException if it is another network
     */
    public LayerSpec on(ModelSpec spec) {
        if (spec.network() instanceof LanguageFamily family) {
            return family.withEmbedding(this);
        }
        boolean tokens = spec.input() instanceof InputSpec.Tokens;
        if (tokens
                && spec.network() instanceof Sequential layers
                && spec.newBlock().outputShape().dimension() == 3) {
            // The last layer tells such a network from a classifier.
            Check.that(
                    normalize,
                    "the vectors of %s must have length 1: leave out --no-normalize, or add"
                            + " Normalize to modules.json",
                    spec.name());
            List<LayerSpec> all = new ArrayList<>(layers.layers());
            all.addAll(layers());
            return new Sequential(layers.name(), all);
        }
        throw new SpecException(
                "%s must be an encoder or a decoder of text to have a pooling, got the network %s"
                        .formatted(spec.name(), spec.network().getClass().getSimpleName()));
    }

    /**
     * {@return the folders in which sentence-transformers stores the dense layers of a network, by
     * the beginning of their names: {@code dense.0.} in {@code 2_Dense}, after the encoder and the
     * pooling}
     *
     * @param spec a network
     */
    public static Map<String, String> folders(ModelSpec spec) {
        Map<String, String> folders = new LinkedHashMap<>();
        if (TextOutput.of(spec) == TextOutput.EMBEDDING) {
            for (String path : spec.newBlock().namedParameters().keySet()) {
                Matcher layer = DENSE_LAYER.matcher(path);
                if (layer.lookingAt()) {
                    int module = Integer.parseInt(layer.group(1)) + 2;
                    folders.put(layer.group(), module + "_Dense");
                }
            }
        }
        return folders;
    }

    /** {@return the layers} */
    List<LayerSpec> layers() {
        List<LayerSpec> layers = new ArrayList<>();
        layers.add(pool());
        if (!dense.isEmpty()) {
            layers.add(
                    new Sequential(
                            DENSE,
                            IntStream.range(0, dense.size())
                                    .mapToObj(i -> dense.get(i).layer(Integer.toString(i)))
                                    .toList()));
        }
        if (normalize) {
            layers.add(new L2Normalize("normalize", 1e-12));
        }
        return layers;
    }

    private LayerSpec pool() {
        if (pooling.size() == 1) {
            return pooling.get(0).layer("pool");
        }
        return Parallel.concat(
                "pool",
                pooling.stream()
                        .map(mode -> mode.layer(mode.name().toLowerCase(Locale.ROOT)))
                        .toArray(LayerSpec[]::new));
    }

    @Override
    public List<LayerSpec> layers(int vocabulary, boolean tied) {
        return layers();
    }
}

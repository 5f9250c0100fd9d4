package io.residuum.model;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Backend;
import io.residuum.engine.Values;
import io.residuum.spec.Check;
import io.residuum.spec.InputSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Computes the outputs of named layers, for instance image embeddings. May be used from several
 * threads.
 *
 * <pre>{@code
 * try (FeatureExtractor extractor = FeatureExtractor.open("runs/first", "stage3")) {
 *     float[] maps = extractor.extract(pixels, new Shape(8, 3, 32, 32)).get("stage3").values();
 * }
 * }</pre>
 */
public final class FeatureExtractor implements AutoCloseable {
    private final OwnedResources owned;
    private final Network network;
    private final List<String> layers;

    /**
     * The output of a layer.
     *
     * @param shape the shape, with the batch
     * @param values the values, row by row
     */
    public record Feature(Shape shape, float[] values) {}

    private FeatureExtractor(OwnedResources owned, Network network, String... layers) {
        Check.that(layers.length > 0, "a feature extractor needs the name of a layer, got none");
        this.owned = owned;
        this.network = network;
        this.layers = List.of(layers);
    }

    /**
     * {@return an extractor for a network of the caller}
     *
     * @param network the network; the caller closes it
     * @param layers paths of layers, for instance {@code stage3} or {@code stage2.0.branch}; an
     *     empty path is the network's output
     */
    public static FeatureExtractor of(Network network, String... layers) {
        return OwnedResources.build(owned -> new FeatureExtractor(owned, network, layers));
    }

    /**
     * {@return an extractor for a model on the default backend, to be closed by the caller}
     *
     * @param model a saved model or the folder of a run
     * @param layers as for {@link #of}
     */
    public static FeatureExtractor open(String model, String... layers) {
        return OwnedResources.build(
                owned -> new FeatureExtractor(owned, owned.open(model), layers));
    }

    /**
     * {@return an extractor for a model on a backend, to be closed by the caller}
     *
     * @param model as for {@link #open(String, String...)}
     * @param backend the backend; the caller closes it
     * @param layers as for {@link #of}
     */
    public static FeatureExtractor open(String model, Backend backend, String... layers) {
        return OwnedResources.build(
                owned -> new FeatureExtractor(owned, owned.open(model, backend), layers));
    }

    /**
     * Extracts the features of images or other numbers in one forward pass.
     *
     * @param values the input, row by row; images must be normalized
     * @param shape the shape of the input, {@code (N, C, H, W)} or {@code (N, ...)} as in the spec
     * @return the features by layer, in the order of the layers
     * @throws io.residuum.spec.SpecException if the number of values does not fit the shape, or
     *     there is no such layer
     * @throws IllegalArgumentException if the shape does not fit the network
     */
    public Map<String, Feature> extract(float[] values, Shape shape) {
        requireCount(values.length, shape);
        return extract(
                manager -> new NDList(Values.create(manager, values, shape, DataType.FLOAT32)));
    }

    /**
     * Extracts the features of token sequences in one forward pass.
     *
     * @param ids the token ids, row by row
     * @param shape the shape of the input, {@code (N, T)}
     * @return the features by layer, in the order of the layers
     * @throws io.residuum.spec.SpecException if the number of ids does not fit the shape, an id is
     *     outside the vocabulary, or there is no such layer
     * @throws IllegalArgumentException if the network has another input than tokens
     */
    public Map<String, Feature> extract(long[] ids, Shape shape) {
        requireCount(ids.length, shape);
        if (network.spec().input() instanceof InputSpec.Tokens tokens) {
            requireTokens(ids, shape, tokens);
        }
        return extract(manager -> new NDList(Values.create(manager, ids, shape)));
    }

    private static void requireCount(int count, Shape shape) {
        Check.that(
                count > 0 && count == shape.size(),
                "the input must have the %s values of its shape %s, at least one, found %s",
                shape.size(),
                shape,
                count);
    }

    /**
     * Checks the ids, since an engine may silently take an id outside the vocabulary for another
     * one.
     */
    private static void requireTokens(long[] ids, Shape shape, InputSpec.Tokens tokens) {
        // The network refuses another rank.
        long length = shape.dimension() == 0 ? 0 : shape.get(shape.dimension() - 1);
        Check.that(
                length <= tokens.length(),
                "the input must have at most %s tokens a sample, found %s",
                tokens.length(),
                length);
        for (long id : ids) {
            Check.that(
                    id >= 0 && id < tokens.vocabulary(),
                    "the input must hold ids in [0, %s), found %s",
                    tokens.vocabulary(),
                    id);
        }
    }

    /**
     * Extracts the features in one forward pass, with side inputs such as a mask.
     *
     * @param inputs creates the inputs, as {@link Network#forward} reads them: the input, then side
     *     inputs, each with its name. They belong to the given manager, which closes afterwards
     * @return the features by layer, in the order of the layers
     * @throws io.residuum.spec.SpecException if there is no such layer
     * @throws IllegalArgumentException as {@link Network#forward}
     */
    public Map<String, Feature> extract(Function<NDManager, NDList> inputs) {
        try (NDManager manager = network.backend().newManager()) {
            Map<String, Feature> features = new LinkedHashMap<>();
            network.features(inputs.apply(manager), layers)
                    .forEach(
                            (layer, y) ->
                                    features.put(
                                            layer,
                                            new Feature(
                                                    y.getShape(),
                                                    y.toType(DataType.FLOAT32, false)
                                                            .toFloatArray())));
            return features;
        }
    }

    /** Closes what this extractor opened. */
    @Override
    public void close() {
        owned.close();
    }
}

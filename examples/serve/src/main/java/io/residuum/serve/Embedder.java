package io.residuum.serve;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.residuum.engine.Values;
import io.residuum.model.Network;
import io.residuum.spec.InputSpec;
import io.residuum.spec.ModelSpec;
import io.residuum.transformer.family.Bert;
import io.residuum.transformer.text.Tokenizer;
import io.residuum.transformer.train.TextEncoder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Computes a vector of each text. */
interface Embedder {

    /** Returns one vector for each text. */
    List<float[]> embed(List<String> texts);

    /** Returns the embedder of an encoder of texts; empty for other networks. */
    static Optional<Embedder> of(Network network, Tokenizer tokenizer) {
        return layer(network)
                .map(layer -> mean(network, layer, TextEncoder.of(network, tokenizer)));
    }

    /**
     * Returns the layer with a vector for each token or text; an empty path is the network's
     * output.
     */
    private static Optional<String> layer(Network network) {
        ModelSpec spec = network.spec();
        if (spec.network() instanceof Bert bert) {
            if (bert.head() instanceof Bert.Head.Pooler) {
                // Trained for pairs of sentences: the mean of the tokens says more about a text.
                return Optional.of(bert.placement().normsSum() ? "blocks" : "norm");
            }
            boolean vectors =
                    bert.head() instanceof Bert.Head.None || bert.head() instanceof Bert.Head.Mean;
            return vectors ? Optional.of("") : Optional.empty();
        }
        boolean vectors =
                spec.input() instanceof InputSpec.Tokens tokens
                        && network.outputShapes().size() == 1
                        && network.outputShape().dimension() == 3
                        && network.outputShape().get(2) != tokens.vocabulary();
        return vectors ? Optional.of("") : Optional.empty();
    }

    /** Averages the vectors of a text's tokens, without padding (Reimers and Gurevych 2019). */
    private static Embedder mean(Network network, String layer, TextEncoder encoder) {
        return texts -> {
            try (NDManager manager = network.backend().newManager()) {
                NDList inputs = encoder.inputs(manager, texts);
                NDArray y =
                        layer.isEmpty()
                                ? network.predict(inputs)
                                : network.features(inputs, List.of(layer)).get(layer);
                float[] mask = new float[(int) inputs.head().size()];
                Arrays.fill(mask, 1);
                return means(
                        Values.floats(y),
                        Math.toIntExact(y.getShape().get(y.getShape().dimension() - 1)),
                        inputs.size() > 1 ? Values.floats(inputs.get(1)) : mask,
                        texts.size());
            }
        };
    }

    private static List<float[]> means(float[] values, int width, float[] mask, int texts) {
        int rows = values.length / width / texts;
        List<float[]> means = new ArrayList<>();
        for (int i = 0; i < texts; i++) {
            float[] mean = new float[width];
            int count = 0;
            for (int row = i * rows; row < (i + 1) * rows; row++) {
                // One row for a text is its vector already.
                if (rows == 1 || mask[row] != 0) {
                    count++;
                    for (int d = 0; d < width; d++) {
                        mean[d] += values[row * width + d];
                    }
                }
            }
            for (int d = 0; d < width; d++) {
                mean[d] /= count;
            }
            means.add(mean);
        }
        return means;
    }
}

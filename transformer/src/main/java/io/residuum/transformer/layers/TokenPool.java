package io.residuum.transformer.layers;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;

/**
 * One vector for the tokens of each sequence, {@code (N, T, C) -> (N, C)}. The side input {@value
 * TokenPoolBlock#MASK} {@code (N, T)} is 1 for tokens and 0 for padding.
 *
 * @param mode reduction of the vectors
 */
@TypeName("tokenPool")
public record TokenPool(@Default("\"\"") String name, Pooling mode) implements LayerSpec {

    @Override
    public Layer newBlock(Shape input) {
        return switch (mode) {
            case MAX, MEAN_SQRT, WEIGHTED_MEAN -> new TokenPoolBlock(input, mode);
            case CLS, MEAN, LAST -> mode.layer(name).newBlock(input);
        };
    }
}

package io.residuum.residual.stream;

import ai.djl.ndarray.types.Shape;
import io.residuum.nn.Layer;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.TypeName;

/**
 * A weighted sum of n streams, {@code (N, T, n C) -> (N, T, C)}: what the branch of a
 * hyper-connection reads (Zhu et al. 2024, arXiv:2409.19606, Equation 2).
 *
 * @param streams the number of streams n
 * @param weights the weights
 */
@TypeName("streams")
public record ReadStreams(@Default("\"\"") String name, int streams, StreamWeights weights)
        implements ReadSpec {
    public ReadStreams {
        Check.positive("streams", streams);
    }

    /**
     * {@return an unnamed sum}
     *
     * @param streams the number of streams
     */
    public static ReadStreams of(int streams, StreamWeights weights) {
        return new ReadStreams("", streams, weights);
    }

    @Override
    public Layer newBlock(Shape input) {
        return MixBlock.read(input, streams, weights);
    }
}

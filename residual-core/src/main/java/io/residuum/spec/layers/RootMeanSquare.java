package io.residuum.spec.layers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;

/**
 * The root mean square of the channels at each position, {@code (N, T, C) -> (N, T, 1)}. In a graph
 * it gives a value the magnitude of another one, as the streams of Gemma 3n have.
 */
@TypeName("rootMeanSquare")
public record RootMeanSquare(@Default("\"\"") String name) implements LayerSpec {
    @Override
    public Layer newBlock(Shape input) {
        return new RootMeanSquareBlock(input);
    }

    /** Computes the root mean square of the channels at each position. One channel remains. */
    private static final class RootMeanSquareBlock extends Layer {
        private final int axis;

        RootMeanSquareBlock(Shape input) {
            super(input);
            if (!Shapes.isChannelsLast(input)) {
                requireRank("root mean square", input, 2, 3, 4, 5);
            }
            this.axis = Shapes.channelAxis(input);
        }

        @Override
        protected NDArray compute(ForwardPass pass, NDArray x) {
            return x.square().mean(new int[] {axis}, true).sqrt();
        }

        @Override
        public Shape outputShape(Shape in) {
            return Shapes.withChannels(in, 1);
        }
    }
}

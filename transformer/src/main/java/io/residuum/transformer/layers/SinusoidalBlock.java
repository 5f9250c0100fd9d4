package io.residuum.transformer.layers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Values;
import io.residuum.nn.Layer;
import io.residuum.nn.Pass;

/**
 * Adds sines (even channels) and cosines (odd channels) of the position, {@code (N, T, C) -> (N, T,
 * C)} (Vaswani et al. 2017, arXiv:1706.03762, Section 3.5).
 */
public final class SinusoidalBlock extends Layer {

    /**
     * Creates the block.
     *
     * @param input {@code (-1, T, C)}
     */
    SinusoidalBlock(Shape input) {
        super(input);
    }

    private record Table(int first, int length, int width, DataType type)
            implements Pass.Shared<NDArray> {
        @Override
        public NDArray make(Pass pass) {
            float[] values = new float[length * width];
            for (int t = 0; t < length; t++) {
                for (int c = 0; c < width; c++) {
                    double angle = (first + t) * Math.pow(10000, -2.0 * (c / 2) / width);
                    values[t * width + c] =
                            (float) (c % 2 == 0 ? Math.sin(angle) : Math.cos(angle));
                }
            }
            return Values.create(pass.manager(), values, new Shape(length, width), type);
        }
    }

    @Override
    protected NDArray compute(Pass pass, NDArray x) {
        int first = pass.firstPosition();
        int length = Math.toIntExact(x.getShape().get(1));
        int width = Math.toIntExact(x.getShape().get(2));
        NDArray places = pass.rider(PositionEmbedding.POSITIONS);
        if (places == null) {
            return x.add(pass.shared(new Table(first, length, width, x.getDataType())));
        }
        NDArray all = pass.shared(new Table(0, first + length, width, x.getDataType()));
        return x.add(PositionEmbedding.rows(places, all));
    }

    @Override
    public Shape outputShape(Shape in) {
        return in;
    }

    @Override
    public String describe() {
        return "Positions(sinusoidal)";
    }
}

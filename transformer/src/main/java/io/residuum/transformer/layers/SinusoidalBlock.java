package io.residuum.transformer.layers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Values;
import io.residuum.nn.Cache;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.nn.SideInput;
import io.residuum.nn.SideInputs;

/**
 * Adds sines (even channels) and cosines (odd channels) of the position, {@code (N, T, C) -> (N, T,
 * C)} (Vaswani et al. 2017, arXiv:1706.03762, Section 3.5).
 */
final class SinusoidalBlock extends Layer {

    SinusoidalBlock(Shape input) {
        super(input);
    }

    /**
     * The rows that one pass adds.
     *
     * @param first the first position
     * @param length the number of positions
     * @param width the number of channels
     * @param type the data type
     */
    private record Rows(int first, int length, int width, DataType type)
            implements Cache.PositionDependentArray {

        @Override
        public NDArray make(ForwardPass pass) {
            NDArray positions = pass.sideInput(PositionEmbedding.POSITIONS);
            if (positions == null) {
                return table(pass, first, length);
            }
            return PositionEmbedding.rows(pass, positions, length, table(pass, 0, first + length));
        }

        private NDArray table(ForwardPass pass, int from, int rows) {
            float[] values = new float[rows * width];
            for (int t = 0; t < rows; t++) {
                for (int c = 0; c < width; c++) {
                    double angle = (from + t) * Math.pow(10000, -2.0 * (c / 2) / width);
                    values[t * width + c] =
                            (float) (c % 2 == 0 ? Math.sin(angle) : Math.cos(angle));
                }
            }
            return Values.create(pass.manager(), values, new Shape(rows, width), type);
        }

        @Override
        public Rows at(Cache.Position position) {
            return new Rows(position.first(), 1, width, type);
        }
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        int length = Math.toIntExact(x.getShape().get(1));
        int width = Math.toIntExact(x.getShape().get(2));
        return x.add(pass.shared(new Rows(pass.firstPosition(), length, width, x.getDataType())));
    }

    @Override
    public SideInputs sideInputs() {
        return SideInputs.NONE.and(SideInput.ids(PositionEmbedding.POSITIONS, 0, "position_ids"));
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

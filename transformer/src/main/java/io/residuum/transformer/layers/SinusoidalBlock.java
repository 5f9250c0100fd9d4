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
 * Adds sines and cosines of the position, {@code (N, T, C) -> (N, T, C)} (Vaswani et al. 2017,
 * arXiv:1706.03762, Section 3.5).
 */
final class SinusoidalBlock extends Layer {
    private final Sinusoids sinusoids;
    private final int offset;

    /** Creates the block for an input {@code (-1, T, C)}, whose first position is the offset. */
    SinusoidalBlock(Shape input, Sinusoids sinusoids, int offset) {
        super(input);
        requireRank("sinusoidal positions", input, 3);
        this.sinusoids = sinusoids;
        this.offset = offset;
    }

    /**
     * The rows that one pass adds.
     *
     * @param sinusoids the arrangement of the channels
     * @param offset the position of the first element
     * @param first the index of the first new element
     * @param length the number of positions
     * @param width the number of channels
     * @param type the data type
     */
    private record Rows(
            Sinusoids sinusoids, int offset, int first, int length, int width, DataType type)
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
            float[] values = sinusoids.rows(offset + from, rows, width);
            return Values.create(pass.manager(), values, new Shape(rows, width), type);
        }

        @Override
        public Rows at(Cache.Position position) {
            return new Rows(sinusoids, offset, position.first(), 1, width, type);
        }
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        int length = Math.toIntExact(x.getShape().get(1));
        int width = Math.toIntExact(x.getShape().get(2));
        int first = pass.firstPosition();
        Rows rows = new Rows(sinusoids, offset, first, length, width, x.getDataType());
        return x.add(pass.shared(rows));
    }

    @Override
    public SideInputs sideInputs() {
        return SideInputs.NONE.and(SideInput.ids(PositionEmbedding.POSITIONS, 0, "position_ids"));
    }

    @Override
    public String describe() {
        return "Positions(sinusoidal)";
    }
}

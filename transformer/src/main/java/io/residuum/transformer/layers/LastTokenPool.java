package io.residuum.transformer.layers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Values;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.nn.SideInput;
import io.residuum.nn.SideInputs;
import io.residuum.nn.pool.MaskedMeanBlock;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;
import org.jspecify.annotations.Nullable;

/**
 * The last position of each sequence that is not padding, {@code (N, T, C) -> (N, C)}. A causal
 * model has read the whole text there. The side input {@code mask} {@code (N, T)} is 1 for tokens
 * and 0 for padding on either side; without it the last position is taken. A sequence of padding
 * alone gives its first position.
 */
@TypeName("lastTokenPool")
public record LastTokenPool(@Default("\"\"") String name) implements LayerSpec {

    @Override
    public Layer newBlock(Shape input) {
        return new LastTokenPoolBlock(input);
    }

    /** Takes the last unmasked position of each sequence, {@code (N, T, C) -> (N, C)}. */
    private static final class LastTokenPoolBlock extends Layer {

        /** Creates the block for an input {@code (-1, T, C)}. */
        LastTokenPoolBlock(Shape input) {
            super(input);
            requireRank("a pool of the last token", input, 3);
        }

        @Override
        protected NDArray compute(ForwardPass pass, NDArray x) {
            NDArray mask = MaskedMeanBlock.mask(pass, "a pool of the last token", x);
            Shape s = x.getShape();
            NDArray scores = scores(pass, mask, Math.toIntExact(s.get(1)));
            NDArray behind = scores.sub(scores.max(new int[] {2}, true));
            // 1 at the largest score. Scores are whole numbers, so the clip leaves 0 at the others.
            NDArray selection = pass.ops().maximum(pass.ops().add(behind, 1), 0);
            NDArray each = mask == null ? selection.repeat(0, s.get(0)) : selection;
            // A product, because a slice up to the end has another index for each length of a
            // program.
            return pass.ops()
                    .batchedProduct(each.toType(x.getDataType(), false), x)
                    .reshape(s.get(0), s.get(2));
        }

        /**
         * Returns {@code (N or 1, 1, T)} with the largest number at the last unmasked position.
         * Position p scores p + 1 if it is unmasked and -p if not, so that the first position wins
         * if all are masked.
         */
        private static NDArray scores(ForwardPass pass, @Nullable NDArray mask, int length) {
            float[] position = new float[length];
            float[] gain = new float[length];
            for (int p = 0; p < length; p++) {
                position[p] = p;
                gain[p] = 2 * p + 1;
            }
            if (mask == null) {
                return row(pass, position);
            }
            NDArray open = mask.toType(DataType.FLOAT32, false).expandDims(1);
            return open.mul(row(pass, gain)).sub(row(pass, position));
        }

        private static NDArray row(ForwardPass pass, float[] values) {
            Shape shape = new Shape(1, 1, values.length);
            return Values.create(pass.manager(), values, shape, DataType.FLOAT32);
        }

        @Override
        public SideInputs sideInputs() {
            return SideInputs.NONE.and(SideInput.mask(MaskedMeanBlock.MASK, "attention_mask"));
        }

        @Override
        public Shape outputShape(Shape in) {
            return new Shape(in.get(0), in.get(2));
        }
    }
}

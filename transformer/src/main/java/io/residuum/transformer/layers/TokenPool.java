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
 * One vector for the tokens of each sequence, {@code (N, T, C) -> (N, C)}. The side input {@code
 * mask} {@code (N, T)} is 1 for tokens and 0 for padding.
 *
 * @param mode reduction of the vectors
 */
@TypeName("tokenPool")
public record TokenPool(@Default("\"\"") String name, Pooling mode) implements LayerSpec {

    @Override
    public Layer newBlock(Shape input) {
        return switch (mode) {
            case MAX, MEAN_SQRT, WEIGHTED_MEAN -> new TokenPoolBlock(input);
            case CLS, MEAN, LAST -> mode.layer(name).newBlock(input);
        };
    }

    /** Reduces the unmasked tokens of each sequence by a maximum or a weighted sum. */
    private final class TokenPoolBlock extends Layer {
        private static final String LAYER = "a pool of tokens";

        /** Subtracted from hidden values: finite also in 16 bits. */
        private static final double HIDDEN = 3e4;

        /** Creates the block for an input {@code (-1, T, C)}. */
        TokenPoolBlock(Shape input) {
            super(input);
            requireRank(LAYER, input, 3);
        }

        @Override
        protected NDArray compute(ForwardPass pass, NDArray x) {
            NDArray mask = MaskedMeanBlock.mask(pass, LAYER, x);
            NDArray open = mask == null ? null : mask.toType(x.getDataType(), false);
            if (mode == Pooling.MAX) {
                return (open == null ? x : x.add(hiding(pass, open))).max(new int[] {1});
            }
            NDArray weights = weights(pass, open, x);
            Shape s = x.getShape();
            return pass.ops().batchedProduct(weights, x).reshape(s.get(0), s.get(2));
        }

        /** {@return {@code (N, T, 1)}: 0 for tokens, a large negative number for padding} */
        private static NDArray hiding(ForwardPass pass, NDArray open) {
            return pass.ops().mul(pass.ops().sub(open, 1), HIDDEN).expandDims(2);
        }

        /** {@return the weight of each token, {@code (N, 1, T)}} */
        private NDArray weights(ForwardPass pass, @Nullable NDArray open, NDArray x) {
            Shape s = x.getShape();
            NDArray row = positions(pass, Math.toIntExact(s.get(1)), x.getDataType());
            NDArray raw = open == null ? row.repeat(0, s.get(0)) : open.expandDims(1).mul(row);
            NDArray sum = pass.ops().maximum(raw.sum(new int[] {2}, true), first(s.get(1)));
            return raw.div(mode == Pooling.MEAN_SQRT ? sum.sqrt() : sum);
        }

        /**
         * {@return the weight of the first position, so that the sum of all is finite in 16 bits}
         */
        private float first(long length) {
            return mode == Pooling.WEIGHTED_MEAN ? 1f / length : 1;
        }

        /** {@return {@code (1, 1, T)}: positions from 1 divided by T, or ones} */
        private NDArray positions(ForwardPass pass, int length, DataType type) {
            float[] values = new float[length];
            for (int p = 0; p < length; p++) {
                values[p] = mode == Pooling.WEIGHTED_MEAN ? (p + 1) * first(length) : 1;
            }
            return Values.create(pass.manager(), values, new Shape(1, 1, length), type);
        }

        @Override
        public SideInputs sideInputs() {
            return SideInputs.NONE.and(SideInput.mask(MaskedMeanBlock.MASK, "attention_mask"));
        }

        @Override
        public Shape outputShape(Shape in) {
            return new Shape(in.get(0), in.get(2));
        }

        @Override
        public String describe() {
            return "TokenPool(" + mode + ")";
        }
    }
}

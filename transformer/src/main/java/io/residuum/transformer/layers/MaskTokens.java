package io.residuum.transformer.layers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.nn.SideInput;
import io.residuum.nn.SideInputs;
import io.residuum.nn.pool.MaskedMeanBlock;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;

/**
 * Sets the vectors of padding to zero, {@code (N, T, C) -> (N, T, C)}, so that a layer that mixes
 * neighbours does not read them. The side input {@code mask (N, T)} is 0 for padding. Without it
 * the input stays unchanged.
 */
@TypeName("maskTokens")
public record MaskTokens(@Default("\"\"") String name) implements LayerSpec {
    @Override
    public Layer newBlock(Shape input) {
        return new MaskTokensBlock(input);
    }

    /** Sets the vectors of padding to zero, {@code (N, T, C) -> (N, T, C)}. */
    private static final class MaskTokensBlock extends Layer {
        private static final String LAYER = "a mask of tokens";

        /** Creates the block for an input {@code (-1, T, C)}. */
        MaskTokensBlock(Shape input) {
            super(input);
            requireRank(LAYER, input, 3);
        }

        @Override
        protected NDArray compute(ForwardPass pass, NDArray x) {
            NDArray mask = MaskedMeanBlock.mask(pass, LAYER, x);
            return mask == null ? x : x.mul(mask.toType(x.getDataType(), false).expandDims(2));
        }

        @Override
        public SideInputs sideInputs() {
            return SideInputs.NONE.and(SideInput.mask(MaskedMeanBlock.MASK, "attention_mask"));
        }
    }
}

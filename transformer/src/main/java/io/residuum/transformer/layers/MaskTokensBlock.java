package io.residuum.transformer.layers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Layer;
import io.residuum.nn.SideInput;
import io.residuum.nn.SideInputs;
import io.residuum.nn.pool.MaskedMeanBlock;

/** Sets the vectors of padding to zero, {@code (N, T, C) -> (N, T, C)}. */
final class MaskTokensBlock extends Layer {
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

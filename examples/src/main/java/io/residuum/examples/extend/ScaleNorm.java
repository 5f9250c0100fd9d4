package io.residuum.examples.extend;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import io.residuum.spec.TypeName;
import io.residuum.spec.layers.NormSpec;

/**
 * A norm: one learned scale times the unit vector of the channels (Nguyen and Salazar 2019,
 * arXiv:1910.05895), for sequences and vectors.
 *
 * @param init the initial scale. Default: 1
 */
@TypeName("scaleNorm")
@Doc("One learned scale times the unit vector of the channels.")
public record ScaleNorm(@Default("1.0") double init) implements NormSpec {
    @Override
    public Layer newBlock(Shape input) {
        return new Block(input, Init.constant((float) init));
    }

    @Override
    public NormSpec withInit(double newInit) {
        return new ScaleNorm(newInit);
    }

    private static final class Block extends Layer {
        private final Parameter scale;

        Block(Shape input, Init init) {
            super(input);
            requireRank("scale norm", input, 2, 3);
            scale = parameter("scale", Parameter.Type.OTHER, init, 1);
        }

        @Override
        protected NDArray compute(ForwardPass pass, NDArray x) {
            int last = x.getShape().dimension() - 1;
            NDArray squares = x.square().sum(new int[] {last}, true);
            return x.div(pass.ops().add(squares, 1e-10).sqrt()).mul(pass.value(scale));
        }

        @Override
        public String describe() {
            return "ScaleNorm";
        }
    }
}

package io.residuum.transformer.layers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import io.residuum.nn.LinearBlock;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;
import io.residuum.spec.layers.InitSpec;

/**
 * The mean of two classifiers, {@code (N, T, C) -> (N, classes)}: one of the class token (position
 * 0), one of the distillation token (position 1) (Touvron et al. 2021, arXiv:2012.12877, Section
 * 4). Parameters: {@code class}, {@code distillation}. Forward hooks under these names see their
 * logits.
 *
 * @param classes number of classes
 * @param init initial weights. Default: truncated normal with std 0.02
 */
@TypeName("distilledHead")
public record DistilledHead(
        @Default("\"\"") String name, int classes, @Default("\"truncatedNormal\"") InitSpec init)
        implements LayerSpec {
    public DistilledHead {
        Check.positive("classes", classes);
    }

    @Override
    public DistilledHead withClasses(int value) {
        return new DistilledHead(name, value, init);
    }

    @Override
    public Layer newBlock(Shape input) {
        return new DistilledHeadBlock(input, init.toInit());
    }

    /** The mean of the classifiers of the first two tokens, {@code (N, T, C) -> (N, classes)}. */
    private final class DistilledHeadBlock extends Layer {
        private final Layer firstToken;
        private final Layer secondToken;
        private final Layer byClass;
        private final Layer byDistillation;

        /** Creates the block for an input {@code (-1, T, C)}. */
        DistilledHeadBlock(Shape input, Init init) {
            super(input);
            firstToken = new TakeTokenBlock(input, 0);
            secondToken = new TakeTokenBlock(input, 1);
            Shape one = firstToken.outputShape();
            byClass = child("class", new LinearBlock(one, classes, true, init, Init.ZEROS));
            byDistillation =
                    child("distillation", new LinearBlock(one, classes, true, init, Init.ZEROS));
        }

        @Override
        protected NDArray compute(ForwardPass pass, NDArray x) {
            NDArray a = byClass.forward(pass, firstToken.forward(pass, x));
            NDArray b = byDistillation.forward(pass, secondToken.forward(pass, x));
            return pass.ops().div(a.add(b), 2);
        }

        @Override
        public Shape outputShape(Shape in) {
            return byClass.outputShape(firstToken.outputShape(in));
        }
    }
}

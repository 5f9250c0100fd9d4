package io.residuum.transformer.blocks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import io.residuum.nn.SideInput;
import io.residuum.nn.SideInputs;
import io.residuum.residual.NormActivation;
import io.residuum.residual.Residual;
import io.residuum.spec.Build;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.TypeName;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.NormSpec;
import io.residuum.transformer.branch.Attention;
import io.residuum.transformer.branch.FeedForward;

/**
 * Attention pooling, {@code (N, T, C) -> (N, C)}: a learned query reads the sequence, then a
 * feed-forward network with a norm and a shortcut follows (Zhai et al. 2022, arXiv:2106.04560,
 * Section 2; SigLIP, Zhai et al. 2023, arXiv:2303.15343).
 *
 * <p>Parameters: {@code probe} {@code (1, 1, C)}, and those below {@code attention}, {@code
 * mlp.before.norm} and {@code mlp.branch}.
 *
 * @param attention attention of the query
 * @param feedForward network after it
 * @param norm norm before the network. Default: layer
 * @param init initial query. Default: truncated normal with std 0.02
 */
@TypeName("attentionPool")
public record AttentionPool(
        @Default("\"\"") String name,
        Attention attention,
        FeedForward feedForward,
        @Default("\"layer\"") NormSpec norm,
        @Default("\"truncatedNormal\"") InitSpec init)
        implements LayerSpec {
    @Override
    public Layer newBlock(Shape input) {
        Check.that(
                input.dimension() == 3,
                "the input of attentionPool must be (N, T, C), got %s",
                input);
        int width = Math.toIntExact(Shapes.channels(input));
        Shape one = new Shape(-1, 1, width);
        LayerSpec unit =
                Residual.builder("mlp", feedForward).before(NormActivation.of(norm)).build();
        return new AttentionPoolBlock(
                input,
                Build.child("attention", attention.overMemory(width), one),
                Build.child("mlp", unit, one),
                init.toInit());
    }

    /** A learned query that reads a sequence, {@code (N, T, C) -> (N, C)}. */
    private static final class AttentionPoolBlock extends Layer {
        private final Parameter probe;
        private final Layer attention;
        private final Layer mlp;

        AttentionPoolBlock(Shape input, Layer attention, Layer mlp, Init init) {
            super(input);
            this.probe = parameter("probe", Parameter.Type.WEIGHT, init, 1, 1, input.get(2));
            this.attention = child("attention", attention);
            this.mlp = child("mlp", mlp);
        }

        @Override
        protected NDArray compute(ForwardPass pass, NDArray x) {
            Shape s = x.getShape();
            // A repeat for a batch of one would return the parameter itself.
            NDArray query = pass.value(probe).broadcast(s.get(0), 1, s.get(2));
            query.attach(pass.manager());
            NDList side = new NDList(named(pass, x, Attention.MEMORY));
            NDArray mask = pass.sideInput(Attention.MASK);
            if (mask != null) {
                side.add(named(pass, mask, Attention.MEMORY_MASK));
            }
            NDArray read = attention.forward(pass.withSideInputs(side), query);
            return mlp.forward(pass, read).reshape(-1, s.get(2));
        }

        private static NDArray named(ForwardPass pass, NDArray array, String name) {
            NDArray view = array.reshape(array.getShape());
            view.attach(pass.manager());
            view.setName(name);
            return view;
        }

        @Override
        public SideInputs sideInputs() {
            return SideInputs.NONE.and(SideInput.mask(Attention.MASK, "attention_mask"));
        }

        @Override
        public Shape outputShape(Shape in) {
            return new Shape(in.get(0), in.get(2));
        }
    }
}

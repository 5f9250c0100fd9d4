package io.residuum.transformer.blocks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;
import io.residuum.residual.NormActivation;
import io.residuum.residual.Residual;
import io.residuum.residual.ResidualBuilder;
import io.residuum.residual.ScaleSpec;
import io.residuum.residual.ShortcutSpec;
import io.residuum.spec.Build;
import io.residuum.spec.Check;
import io.residuum.spec.Default;
import io.residuum.spec.LayerSpec;
import io.residuum.spec.Sequential;
import io.residuum.spec.TypeName;
import io.residuum.spec.layers.InitSpec;
import io.residuum.spec.layers.NormSpec;
import io.residuum.transformer.branch.Attention;
import io.residuum.transformer.branch.FeedForward;
import java.util.ArrayList;
import java.util.List;

/**
 * The class-attention stage of CaiT, {@code (N, T, C) -> (N, 1, C)} (Touvron et al. 2021,
 * arXiv:2103.17239, Section 3). A class token joins after the other blocks and reads their output,
 * which stays constant. In each block only the token has a query, over itself and the sequence. The
 * feed-forward network processes only the token. A mask applies to the sequence; the token always
 * sees itself.
 *
 * <p>Paths are {@code class} {@code (1, 1, C)}, {@code 0.attention.branch.q.weight}, {@code
 * 0.attention.before.norm.weight}, {@code 0.mlp.branch.up.weight}.
 *
 * @param depth number of blocks. Default: 2
 * @param attention first branch
 * @param feedForward second branch
 * @param norm norm before both branches. Default: layer
 * @param scale factor of the branches. Default: none
 * @param init initial values of the token. Default: truncated normal with std 0.02
 */
@TypeName("classBlocks")
public record ClassBlocks(
        @Default("\"\"") String name,
        @Default("2") int depth,
        Attention attention,
        FeedForward feedForward,
        @Default("\"layer\"") NormSpec norm,
        @Default("\"none\"") ScaleSpec scale,
        @Default("\"truncatedNormal\"") InitSpec init)
        implements LayerSpec {
    public ClassBlocks {
        Check.depth("depth", depth);
        Check.that(
                attention.memory() == 0,
                "attention.memory must be 0, got %s: the class token reads the sequence",
                attention.memory());
    }

    @Override
    public Layer newBlock(Shape input) {
        Check.that(
                input.dimension() == 3,
                "the input of classBlocks must be (N, T, C), got %s",
                input);
        Shape withToken = new Shape(-1, input.get(1) + 1, Shapes.channels(input));
        LayerSpec block =
                new Sequential(
                        "",
                        unit("attention", attention.ofFirst(1))
                                .shortcut(new ShortcutSpec.First())
                                .build(),
                        unit("mlp", feedForward).build());
        List<Layer> blocks = new ArrayList<>();
        for (int i = 0; i < depth; i++) {
            blocks.add(Build.child(Integer.toString(i), block.atDepth(i, depth), withToken));
        }
        return new ClassBlocksBlock(input, blocks, init.toInit());
    }

    private ResidualBuilder unit(String unitName, LayerSpec branch) {
        return Residual.builder(unitName, branch).before(NormActivation.of(norm)).scale(scale);
    }

    /** A class token that reads a sequence, {@code (N, T, C) -> (N, 1, C)}. */
    private static final class ClassBlocksBlock extends Layer {
        private final Parameter token;
        private final List<Layer> blocks;

        /**
         * Creates the block for an input {@code (-1, T, C)}. Each inner block is {@code (-1, 1 + T,
         * C) -> (-1, 1, C)}.
         */
        ClassBlocksBlock(Shape input, List<Layer> blocks, Init init) {
            super(input);
            this.token = parameter("class", Parameter.Type.WEIGHT, init, 1, 1, input.get(2));
            this.blocks = List.copyOf(blocks);
            for (int i = 0; i < blocks.size(); i++) {
                child(Integer.toString(i), blocks.get(i));
            }
        }

        @Override
        protected NDArray compute(ForwardPass pass, NDArray x) {
            ForwardPass inside = withToken(pass);
            // A repeat for a batch of one would return the parameter itself.
            NDArray y = pass.value(token).broadcast(x.getShape().get(0), 1, x.getShape().get(2));
            y.attach(pass.manager());
            for (Layer block : blocks) {
                y = block.forward(inside, NDArrays.concat(new NDList(y, x), 1));
            }
            return y;
        }

        /** {@return the pass with an entry for the token in its mask, if there is a mask} */
        private static ForwardPass withToken(ForwardPass pass) {
            NDArray mask = pass.sideInput(Attention.MASK);
            if (mask == null) {
                return pass;
            }
            if (mask.getShape().dimension() != 2) {
                throw new IllegalArgumentException(
                        String.format(
                                "the side input \"%s\" of class blocks must be (N, T), got %s",
                                Attention.MASK, mask.getShape()));
            }
            Shape one = new Shape(mask.getShape().get(0), 1);
            NDArray seen = pass.manager().ones(one, mask.getDataType());
            NDArray longer = NDArrays.concat(new NDList(seen, mask), 1);
            longer.setName(Attention.MASK);
            NDList sideInputs = new NDList();
            for (NDArray sideInput : pass.sideInputs()) {
                sideInputs.add(sideInput == mask ? longer : sideInput);
            }
            return pass.withSideInputs(sideInputs);
        }

        @Override
        public Shape outputShape(Shape in) {
            return new Shape(in.get(0), 1, in.get(2));
        }

        /** Counts the token with the sequence, once per block. */
        @Override
        public long activations(Shape in) {
            return Shapes.product(blocks.size(), in.get(1) + 1, in.get(2));
        }

        @Override
        public String describe() {
            return "ClassBlocks(" + blocks.size() + ")";
        }
    }
}

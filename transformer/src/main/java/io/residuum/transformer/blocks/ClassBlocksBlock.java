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
import io.residuum.transformer.branch.Attention;
import java.util.List;

/** A class token that reads a sequence, {@code (N, T, C) -> (N, 1, C)}. */
final class ClassBlocksBlock extends Layer {
    private final Parameter token;
    private final List<Layer> blocks;

    /**
     * Creates the block for an input {@code (-1, T, C)}. Each inner block is {@code (-1, 1 + T, C)
     * -> (-1, 1, C)}.
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

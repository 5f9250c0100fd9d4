package io.residuum.transformer.blocks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import io.residuum.nn.SideInput;
import io.residuum.nn.SideInputs;
import io.residuum.transformer.branch.Attention;

/** A learned query that reads a sequence, {@code (N, T, C) -> (N, C)}. */
final class AttentionPoolBlock extends Layer {
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

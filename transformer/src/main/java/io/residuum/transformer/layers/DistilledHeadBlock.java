package io.residuum.transformer.layers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import io.residuum.nn.LinearBlock;

/** The mean of the classifiers of the first two tokens, {@code (N, T, C) -> (N, classes)}. */
final class DistilledHeadBlock extends Layer {
    private final Layer firstToken;
    private final Layer secondToken;
    private final Layer byClass;
    private final Layer byDistillation;

    /** Creates the block for an input {@code (-1, T, C)}. */
    DistilledHeadBlock(Shape input, int classes, Init init) {
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

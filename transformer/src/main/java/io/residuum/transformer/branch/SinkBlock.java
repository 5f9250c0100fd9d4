package io.residuum.transformer.branch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Init;
import io.residuum.nn.Layer;
import io.residuum.nn.Shapes;

/** Returns a learned score of each head beside its scores, {@code (N G, H / G Q, K) -> (.., 1)}. */
final class SinkBlock extends Layer {
    private final Heads heads;
    private final Parameter weight;

    /** Creates the block for scores of shape {@code (-1, H / G Q, K)}. */
    SinkBlock(Shape scores, Heads heads) {
        super(scores);
        this.heads = heads;
        this.weight = parameter("weight", Parameter.Type.OTHER, Init.ZEROS, heads.queries());
    }

    @Override
    protected NDArray compute(ForwardPass pass, NDArray x) {
        long rows = x.getShape().get(1);
        NDArray zeros = pass.ops().mul(x.get(":, :, 0:1"), 0);
        NDArray byHead = zeros.reshape(-1, heads.queries(), rows / heads.perGroup());
        NDArray own = pass.value(weight).reshape(1, heads.queries(), 1);
        own.attach(x.getManager());
        return byHead.add(own).reshape(-1, rows, 1);
    }

    @Override
    public Shape outputShape(Shape in) {
        return Shapes.withChannels(in, 1);
    }

    @Override
    public String describe() {
        return "Sinks(" + heads.queries() + ")";
    }
}

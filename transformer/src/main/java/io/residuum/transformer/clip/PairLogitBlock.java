package io.residuum.transformer.clip;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.residuum.nn.ForwardPass;
import io.residuum.nn.Init;
import io.residuum.nn.MultiLayer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The logit of each pair of embeddings, {@code exp(scale) <a, b> + bias}. */
final class PairLogitBlock extends MultiLayer {
    private final Parameter scale;
    private final @Nullable Parameter bias;

    PairLogitBlock(List<Shape> inputs, double scale, boolean withBias, double bias) {
        super(inputs);
        this.scale = parameter("scale", Parameter.Type.OTHER, Init.constant((float) scale), 1);
        this.bias =
                withBias
                        ? parameter("bias", Parameter.Type.OTHER, Init.constant((float) bias), 1)
                        : null;
    }

    @Override
    protected NDList computeAll(ForwardPass pass, NDList in) {
        NDArray product = in.get(0).mul(in.get(1)).sum(new int[] {1}, true);
        NDArray factor = pass.value(scale).exp();
        factor.attach(pass.manager());
        NDArray logit = product.mul(factor);
        return new NDList(bias == null ? logit : logit.add(pass.value(bias)));
    }

    @Override
    public List<Shape> outputShapes(List<Shape> in) {
        return List.of(new Shape(in.get(0).get(0), 1));
    }

    @Override
    public String describe() {
        return bias == null ? "PairLogit" : "PairLogit(bias)";
    }
}

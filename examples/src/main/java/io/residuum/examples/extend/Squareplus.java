package io.residuum.examples.extend;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.residuum.engine.Ops;
import io.residuum.nn.ActivationBlock;
import io.residuum.nn.Layer;
import io.residuum.spec.Default;
import io.residuum.spec.Doc;
import io.residuum.spec.TypeName;
import io.residuum.spec.layers.ActivationSpec;

/**
 * An activation: {@code (x + sqrt(x^2 + b)) / 2} (Barron 2021, arXiv:2112.11687).
 *
 * @param b the size of the curved part. Default: 4
 */
@TypeName("squareplus")
@Doc("A smooth ReLU without exponentials.")
public record Squareplus(@Default("4.0") double b) implements ActivationSpec {
    @Override
    public Layer newBlock(Shape input) {
        return new ActivationBlock(input, "Squareplus", this::apply);
    }

    private NDArray apply(NDArray x) {
        Ops ops = Ops.of(x.getManager());
        return ops.mul(ops.add(x.square(), b).sqrt().add(x), 0.5);
    }
}
